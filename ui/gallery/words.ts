/** Everything the page says, in the client's language. English is the measure: no entry may be missing. */

const english = {
  opening: 'Opening the gallery …',
  photos: (count: number) => (count === 1 ? '1 photo' : `${count} photos`),
  from: (studio: string) => `from ${studio}`,
  ends: (when: string) => `Ends ${when}`,
  left: (time: string) => `${time} left`,
  days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
  hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
  seconds: (count: number) => (count === 1 ? '1 second' : `${count} seconds`),
  photo: (at: number, of: number) => `Photo ${at} of ${of}`,
  position: (at: number, of: number) => `${at} of ${of}`,
  gallery: 'Photos. Arrow keys move, Enter opens.',
  notShown: 'This photo did not load.',
  noLonger: 'This photo is no longer in the gallery.',
  again: 'Try again',
  close: 'Close (Esc)',
  next: 'Next photo',
  previous: 'Previous photo',
  zoom: 'Zoom in or out (Z)',
  save: 'Save this photo',
  saveFull: 'Save this photo in full size',
  saving: 'Saving …',
  notSaved: 'Could not be saved. Please try again.',
  foot: 'These photos come straight from the photographer’s own storage and are decrypted in your browser. No account, no tracking.',
  passcodeTitle: 'This gallery has a passcode',
  passcodeText:
    'You received it separately from the link. Capitals, spaces and the dash do not matter.',
  passcodeLabel: 'Passcode',
  passcodeShape: 'A passcode has eight letters and digits, like 7Q4M-XK2D.',
  passcodeWrong:
    'That passcode does not fit this link. Please check it; an older passcode does not open a newer link.',
  passcodeOpen: 'Open the gallery',
  passcodeChecking: 'Checking …',
  endedTitle: 'This gallery has ended',
  endedText: (when: string) =>
    `It was open until ${when}. Ask your photographer for a new link if you would like to see the photos again.`,
  endedTextPlain: 'Ask your photographer for a new link if you would like to see the photos again.',
  revokedTitle: 'This link was revoked',
  revokedText:
    'The photographer has withdrawn it, and the photos are no longer behind it. Please ask your photographer.',
  damagedTitle: 'This link is not complete',
  damagedText:
    'Part of it seems to be missing, perhaps because it was broken over two lines. Open it again from the original message, or copy all of it.',
  browserTitle: 'This browser is too old',
  browserText:
    'The photos are decrypted in your browser, and this one lacks what that needs. Please open the link in an up-to-date Safari, Chrome, Edge or Firefox.',
  offlineTitle: 'No connection',
  offlineText:
    'The photos could not be reached. The page goes on by itself as soon as there is a connection.',
  troubleTitle: 'The gallery does not answer',
  troubleText:
    'The storage behind this link has a problem at the moment. Nothing is lost; please try again in a few minutes.',
  brokenTitle: 'The gallery could not be opened',
  brokenText: 'What came from the storage is damaged. Please tell your photographer.',
  emptyText: 'There are no photos in this gallery yet.',
};

export type Words = typeof english;

const german: Words = {
  opening: 'Die Galerie wird geöffnet …',
  photos: (count) => (count === 1 ? '1 Foto' : `${count} Fotos`),
  from: (studio) => `von ${studio}`,
  ends: (when) => `Endet ${when}`,
  left: (time) => `noch ${time}`,
  days: (count) => (count === 1 ? '1 Tag' : `${count} Tage`),
  hours: (count) => (count === 1 ? '1 Stunde' : `${count} Stunden`),
  minutes: (count) => (count === 1 ? '1 Minute' : `${count} Minuten`),
  seconds: (count) => (count === 1 ? '1 Sekunde' : `${count} Sekunden`),
  photo: (at, of) => `Foto ${at} von ${of}`,
  position: (at, of) => `${at} von ${of}`,
  gallery: 'Fotos. Pfeiltasten bewegen, Eingabe öffnet.',
  notShown: 'Dieses Foto wurde nicht geladen.',
  noLonger: 'Dieses Foto ist nicht mehr in der Galerie.',
  again: 'Noch einmal versuchen',
  close: 'Schließen (Esc)',
  next: 'Nächstes Foto',
  previous: 'Voriges Foto',
  zoom: 'Vergrößern oder verkleinern (Z)',
  save: 'Dieses Foto sichern',
  saveFull: 'Dieses Foto in voller Größe sichern',
  saving: 'Wird gesichert …',
  notSaved: 'Das Foto konnte nicht gesichert werden. Bitte noch einmal versuchen.',
  foot: 'Diese Fotos kommen direkt aus dem eigenen Speicher des Fotografen und werden in Ihrem Browser entschlüsselt. Kein Konto, kein Tracking.',
  passcodeTitle: 'Diese Galerie hat einen Zugangscode',
  passcodeText:
    'Sie haben ihn getrennt vom Link erhalten. Groß- und Kleinschreibung, Leerzeichen und der Strich sind gleich.',
  passcodeLabel: 'Zugangscode',
  passcodeShape: 'Ein Zugangscode hat acht Buchstaben und Ziffern, etwa 7Q4M-XK2D.',
  passcodeWrong:
    'Dieser Zugangscode passt nicht zu diesem Link. Bitte prüfen Sie ihn; ein älterer Code öffnet keinen neueren Link.',
  passcodeOpen: 'Galerie öffnen',
  passcodeChecking: 'Wird geprüft …',
  endedTitle: 'Diese Galerie ist beendet',
  endedText: (when) =>
    `Sie war bis ${when} geöffnet. Bitten Sie um einen neuen Link, wenn Sie die Fotos noch einmal sehen möchten.`,
  endedTextPlain: 'Bitten Sie um einen neuen Link, wenn Sie die Fotos noch einmal sehen möchten.',
  revokedTitle: 'Dieser Link wurde widerrufen',
  revokedText:
    'Er wurde zurückgezogen, und die Fotos liegen nicht mehr dahinter. Bitte wenden Sie sich an Ihre Fotografin oder Ihren Fotografen.',
  damagedTitle: 'Dieser Link ist nicht vollständig',
  damagedText:
    'Ein Teil scheint zu fehlen, vielleicht wurde er über zwei Zeilen gebrochen. Öffnen Sie ihn noch einmal aus der Nachricht, oder kopieren Sie ihn ganz.',
  browserTitle: 'Dieser Browser ist zu alt',
  browserText:
    'Die Fotos werden in Ihrem Browser entschlüsselt, und diesem fehlt etwas dafür. Bitte öffnen Sie den Link in einem aktuellen Safari, Chrome, Edge oder Firefox.',
  offlineTitle: 'Keine Verbindung',
  offlineText:
    'Die Fotos sind nicht erreichbar. Die Seite macht von selbst weiter, sobald es wieder eine Verbindung gibt.',
  troubleTitle: 'Die Galerie antwortet nicht',
  troubleText:
    'Der Speicher hinter diesem Link hat gerade eine Störung. Es ist nichts verloren; bitte versuchen Sie es in ein paar Minuten noch einmal.',
  brokenTitle: 'Die Galerie ließ sich nicht öffnen',
  brokenText:
    'Was aus dem Speicher kam, ist beschädigt. Bitte sagen Sie Ihrer Fotografin oder Ihrem Fotografen Bescheid.',
  emptyText: 'In dieser Galerie sind noch keine Fotos.',
};

const languages: Readonly<Record<string, Words>> = { en: english, de: german };

export interface Speech {
  readonly language: string;
  /** With the region, for dates: Britain and America write the same hour differently. */
  readonly tag: string;
  readonly words: Words;
}

/** The first language the client prefers that the page speaks. */
export function speech(preferred: readonly string[]): Speech {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    const words = languages[language];
    if (words) return { language, tag, words };
  }
  return { language: 'en', tag: 'en', words: english };
}

/** "Thursday 14:00", with the date when it is more than six days away. */
export function moment(time: number, now: number, tag: string): string {
  const near = Math.abs(time - now) < 6 * 86_400_000;
  const day: Intl.DateTimeFormatOptions = near
    ? { weekday: 'long' }
    : { weekday: 'short', day: 'numeric', month: 'long' };
  const how: Intl.DateTimeFormatOptions = { ...day, hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat(tag, how).format(time);
}

/** How long is left, in its largest unit; both hours and minutes below a day. */
export function remaining(milliseconds: number, words: Words): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  // Large units are rounded: a link of three days has three days left a minute later.
  if (hours >= 48) return words.days(Math.round(minutes / 1440));
  if (hours >= 3) return words.hours(Math.round(minutes / 60));
  if (hours >= 1) {
    const rest = minutes % 60;
    return rest === 0 ? words.hours(hours) : `${words.hours(hours)} ${words.minutes(rest)}`;
  }
  if (minutes >= 1) return words.minutes(minutes);
  return words.seconds(seconds);
}
