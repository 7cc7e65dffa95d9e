/**
 * The client's gallery: reads its own address, fetches the encrypted album and shows it.
 *
 * One page at a time stands in the body. Whatever goes wrong ends in a page that says what happened and
 * what to do; nothing is ever reported to anybody.
 */
import './style.css';
import { type Album, readAlbum } from './album';
import { AlbumPage } from './album-page';
import type { Bytes } from './bytes';
import { Damaged, open, shareKey, type ShareKey, WrongKey } from './crypto';
import { fetchObject, Offline, Refused } from './fetching';
import { type Link, parseLink } from './link';
import { type Message, messagePage, passcodePage, skeletonPage } from './pages';
import { moment, speech } from './words';

const spoken = speech(navigator.languages);
const { words } = spoken;
let shown: AlbumPage | undefined;

function put(page: HTMLElement): void {
  shown?.stop();
  shown = undefined;
  document.documentElement.classList.remove('viewing');
  document.body.replaceChildren(page);
}

function say(message: Message): void {
  put(messagePage(message));
  document.title = message.title;
  document.querySelector<HTMLElement>('h1')?.focus();
}

/** The page for whatever stopped us. */
function sayWhy(error: unknown, link: Link): void {
  const again = { label: words.again, act: () => void start() };
  if (error instanceof Refused) {
    switch (error.why) {
      case 'ended':
        sayEnded(link.end);
        return;
      case 'revoked':
        say({ icon: 'slide', title: words.revokedTitle, text: words.revokedText });
        return;
      case 'damaged':
        sayDamaged();
        return;
      case 'trouble':
        say({ icon: 'broken', title: words.troubleTitle, text: words.troubleText, button: again });
        return;
    }
  }
  if (error instanceof Offline) {
    say({ icon: 'offline', title: words.offlineTitle, text: words.offlineText, button: again });
    addEventListener('online', () => void start(), { once: true });
    return;
  }
  say({ icon: 'broken', title: words.brokenTitle, text: words.brokenText, button: again });
}

function sayEnded(end: number): void {
  const when = moment(end, Date.now(), spoken.tag);
  say({ icon: 'clock', title: words.endedTitle, text: words.endedText(when) });
}

function sayDamaged(): void {
  say({ icon: 'broken', title: words.damagedTitle, text: words.damagedText });
}

async function start(): Promise<void> {
  document.documentElement.lang = spoken.language;
  if (!isAble()) {
    say({ icon: 'broken', title: words.browserTitle, text: words.browserText });
    return;
  }
  const link = parseLink(location.href);
  if (!link) {
    sayDamaged();
    return;
  }
  put(skeletonPage(words));
  try {
    await enter(link, await fetchIndex(link));
  } catch (error) {
    sayWhy(error, link);
  }
}

function isAble(): boolean {
  // Browsers hide `subtle` from pages that did not come over a safe line.
  const subtle: unknown = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  return subtle !== undefined && 'IntersectionObserver' in window && 'HTMLDialogElement' in window;
}

function fetchIndex(link: Link): Promise<Bytes> {
  return fetchObject(link.index, { end: link.end, fresh: true });
}

/** Opens the index: without a passcode, and when that does not fit, with the one the client types. */
async function enter(link: Link, sealed: Bytes): Promise<void> {
  const context = `darkslide/1|share-index|${link.name}|${link.n}`;
  const tryWith = async (passcode?: string): Promise<void> => {
    const key = await shareKey(link.secret, link.share, passcode);
    show(link, key, readAlbum(await open(key, context, sealed), link.folder));
  };
  try {
    await tryWith();
  } catch (error) {
    if (!(error instanceof WrongKey)) throw error;
    document.title = words.passcodeTitle;
    put(
      passcodePage(words, async (passcode) => {
        try {
          await tryWith(passcode);
        } catch (wrong) {
          if (wrong instanceof WrongKey) throw wrong;
          sayWhy(wrong, link);
        }
      }),
    );
  }
}

function show(link: Link, key: ShareKey, album: Album): void {
  let asking: Promise<void> | undefined;
  // A photo that is refused may be the first sign that all of it has ended or was withdrawn.
  const askAgain = async (): Promise<void> => {
    try {
      await fetchIndex(link);
    } catch (error) {
      if (error instanceof Refused && error.why !== 'trouble') sayWhy(error, link);
    }
  };
  const load = async (
    number: number,
    signal?: AbortSignal,
    heard?: (bytes: number) => void,
  ): Promise<Bytes> => {
    const item = album.items[number];
    if (!item) throw new Damaged('no such item');
    const wish = { end: album.end, ...(signal && { signal }), ...(heard && { heard }) };
    let sealed: Bytes;
    try {
      sealed = await fetchObject(item.address, wish);
    } catch (error) {
      if (error instanceof Refused && error.why !== 'trouble') {
        asking ??= askAgain().finally(() => {
          asking = undefined;
        });
      }
      throw error;
    }
    if (sealed.length !== item.length) throw new Damaged('another length');
    return open(key, `darkslide/1|share-item|${link.name}|${item.name}`, sealed);
  };
  const page = new AlbumPage(album, { load, ended: () => sayEnded(album.end) }, spoken);
  put(page.node);
  shown = page;
  document.title = album.title;
  page.start();
}

// Another link pasted over this one differs behind `#` only.
addEventListener('hashchange', () => location.reload());
if (history.state !== null) history.replaceState(null, '');
void start();
