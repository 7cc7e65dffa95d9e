// What of the photo in the viewer moves, and whether it does just now.
import { AppError, film as filmOf, filmUrl, type Film } from '../ipc';
import { words } from '../words';

/** Longer films are not fetched whole to be played. */
const MOST = 512 * 1024 * 1024;

export class Player {
  film = $state<Film | null>(null);
  /** Where the web view plays from; null while it does not. */
  source = $state<string | null>(null);
  fetching = $state(false);
  /** Why it cannot be played. */
  sorry = $state<string | null>(null);
  #photo = '';
  #isBlob = false;

  /** Turns to another photo, and looks for what moves in it once it was stayed at so long. */
  async show(photo: string, patience = 0): Promise<void> {
    this.stop();
    this.#photo = photo;
    this.film = null;
    this.sorry = null;
    if (patience > 0) await new Promise((over) => setTimeout(over, patience));
    if (this.#photo !== photo) return;
    try {
      const film = await filmOf(photo);
      if (this.#photo === photo) this.film = film;
    } catch (thrown) {
      if (this.#photo !== photo) return;
      // A film that is known of and not here: the only failure there is something to say about.
      if (AppError.from(thrown).code === 'not_found') this.sorry = words.viewer.film.away;
    }
  }

  play(): void {
    if (this.film === null || this.fetching) return;
    this.sorry = null;
    this.source = filmUrl(this.#photo);
  }

  stop(): void {
    if (this.#isBlob && this.source !== null) URL.revokeObjectURL(this.source);
    this.#isBlob = false;
    this.source = null;
    this.fetching = false;
  }

  /** The web view does not play what it was given: WebKitGTK plays only what it has whole. */
  async failed(): Promise<void> {
    const { film } = this;
    const wasWhole = this.#isBlob;
    this.stop();
    if (film === null) return;
    if (wasWhole) {
      this.sorry = words.viewer.film.unknown;
      return;
    }
    if (film.bytes > MOST) {
      this.sorry = words.viewer.film.tooLong;
      return;
    }
    const photo = this.#photo;
    this.fetching = true;
    try {
      const whole = await fetched(photo, film, () => this.#photo === photo && this.fetching);
      if (whole === null) return;
      this.#isBlob = true;
      this.source = URL.createObjectURL(whole);
    } catch {
      if (this.#photo === photo) this.sorry = words.viewer.film.unread;
    } finally {
      if (this.#photo === photo) this.fetching = false;
    }
  }
}

/** All of a film, piece by piece; null once it is not wanted any more. */
async function fetched(photo: string, film: Film, isWanted: () => boolean): Promise<Blob | null> {
  const pieces: Blob[] = [];
  let from = 0;
  while (from < film.bytes) {
    const answer = await fetch(filmUrl(photo, from));
    if (!isWanted()) return null;
    if (!answer.ok) throw new Error(`${answer.status}`);
    const piece = await answer.blob();
    if (piece.size === 0) throw new Error('it ends early');
    pieces.push(piece);
    from += piece.size;
  }
  // A QuickTime film is played as the MP4 it nearly is.
  const type = film.mime === 'video/quicktime' ? 'video/mp4' : film.mime;
  return isWanted() ? new Blob(pieces, { type }) : null;
}
