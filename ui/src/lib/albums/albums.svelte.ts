import {
  addToAlbum,
  albums,
  AppError,
  createAlbum,
  removeFromAlbum,
  renameAlbum,
  trashAlbum,
  type Album,
} from '../ipc';

export class Albums {
  rows = $state.raw<Album[]>([]);
  error = $state.raw<AppError | null>(null);

  async load(): Promise<void> {
    try {
      this.rows = await albums();
      this.error = null;
    } catch (thrown) {
      this.error = AppError.from(thrown);
    }
  }

  /** Puts photos into the album of this name, which is made where there is none. */
  async put(name: string, photos: string[]): Promise<boolean> {
    const wanted = name.trim();
    try {
      const known = this.rows.find((row) => row.name.toLowerCase() === wanted.toLowerCase());
      if (known) await addToAlbum(known.name, photos);
      else await createAlbum(wanted, photos);
      await this.load();
      return true;
    } catch (thrown) {
      this.error = AppError.from(thrown);
      return false;
    }
  }
  takeOut(name: string, photos: string[]): Promise<boolean> {
    return this.#change(() => removeFromAlbum(name, photos));
  }

  rename(name: string, to: string): Promise<boolean> {
    return this.#change(() => renameAlbum(name, to));
  }

  /** The album goes; its photos stay. */
  drop(name: string): Promise<boolean> {
    return this.#change(() => trashAlbum(name));
  }

  async #change(order: () => Promise<unknown>): Promise<boolean> {
    try {
      await order();
      await this.load();
      return true;
    } catch (thrown) {
      this.error = AppError.from(thrown);
      return false;
    }
  }
}
