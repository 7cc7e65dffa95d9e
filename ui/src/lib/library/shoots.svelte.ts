import { shoots, type Facet } from '../ipc';

/** The shoots in the rail, the newest first. */
export class Shoots {
  rows = $state.raw<Facet[]>([]);

  async load(): Promise<void> {
    try {
      this.rows = await shoots();
    } catch {
      // The library says what is wrong with the catalogue; the rail only goes without.
      this.rows = [];
    }
  }
}
