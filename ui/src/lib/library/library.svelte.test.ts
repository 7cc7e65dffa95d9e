import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Photo } from '../ipc';
import { AppError } from '../ipc';
import { Library } from './library.svelte';

const shell = vi.hoisted(() => ({
  months: vi.fn(),
  photos: vi.fn(),
  rate: vi.fn(),
  label: vi.fn(),
  flag: vi.fn(),
  trash: vi.fn(),
  undo: vi.fn(),
  redo: vi.fn(),
  findPhotos: vi.fn(),
  placeOfPhoto: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

function photo(index: number): Photo {
  return {
    id: `id${index}`,
    name: `IMG_${index}.JPG`,
    taken: null,
    kind: 'photo',
    format: 'JPEG',
    rating: 0,
    label: null,
    flag: null,
    preview: 'ready',
    width: 3,
    height: 2,
    files: 1,
    inLibrary: true,
    inBucket: false,
    pair: false,
    mirrors: 0,
  };
}

async function loaded(library: Library, first: number, last: number): Promise<void> {
  library.want(first, last);
  await vi.waitFor(() => {
    expect(library.at(last)).toBeDefined();
  });
}

beforeEach(() => {
  shell.months.mockReset().mockResolvedValue([
    { year: 2026, month: 5, count: 200 },
    { year: 2026, month: 4, count: 100 },
  ]);
  shell.photos
    .mockReset()
    .mockImplementation((_query: string, offset: number, limit: number) =>
      Promise.resolve(
        Array.from({ length: Math.min(limit, 300 - offset) }, (_, i) => photo(offset + i)),
      ),
    );
  for (const each of [shell.rate, shell.label, shell.flag, shell.trash])
    each.mockReset().mockResolvedValue(undefined);
  shell.findPhotos
    .mockReset()
    .mockResolvedValue(Array.from({ length: 300 }, (_, index) => `id${index}`));
});

describe('library', () => {
  it('knows where a photo is, whether its row is here or not', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 280, 299);
    expect(library.placeWhere((one) => one.id === 'id290')).toBe(290);
    expect(library.placeWhere((one) => one.id === 'id200')).toBeNull();
    shell.placeOfPhoto.mockReset().mockResolvedValue(200);
    expect(await library.placeNow('id3')).toBe(3);
    expect(await library.placeNow('id200')).toBe(200);
    expect(shell.placeOfPhoto).toHaveBeenCalledTimes(1);
  });

  it('asks for months and the top rows at once, for others only when they come into view', async () => {
    const library = new Library();
    await library.load();
    expect(library.total).toBe(300);
    expect(library.at(0)).toBeDefined();
    await loaded(library, 0, 20);
    await loaded(library, 5, 30);
    expect(shell.photos).toHaveBeenCalledTimes(1);
    expect(library.at(299)).toBeUndefined();
    await loaded(library, 280, 299);
    expect(shell.photos).toHaveBeenCalledTimes(2);
  });

  it('the question joins the filter, the album and the trash', async () => {
    const library = new Library();
    await library.show({ filter: ' dance rating>=4 ', album: 'The "best"' });
    expect(shell.months).toHaveBeenLastCalledWith('dance rating>=4 album:"The \\"best\\""');
    await library.show({ filter: '', album: null, trash: true });
    expect(shell.months).toHaveBeenLastCalledWith('status:trash');
  });

  it('an order without months has one heading, and asks for its rows in it', async () => {
    const library = new Library();
    await library.show({ sort: '-rating' });
    expect(library.months).toEqual([{ year: null, month: null, count: 300 }]);
    expect(library.heading).toBe('Most stars');
    await loaded(library, 0, 20);
    expect(shell.photos).toHaveBeenLastCalledWith('', 0, 120, '-rating');
    await library.show({ sort: 'captured_at' });
    expect(library.months.map((month) => month.month)).toEqual([4, 5]);
    expect(library.heading).toBeNull();
  });

  it('an answer to an older question is thrown away', async () => {
    let answer: (months: unknown[]) => void = () => undefined;
    shell.months.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const library = new Library();
    const slow = library.load();
    await library.show({ filter: 'new' });
    answer([{ year: 1999, month: 1, count: 7 }]);
    await slow;
    expect(library.total).toBe(300);
    expect(library.loading).toBe(false);
  });

  it('rows asked for before something else is shown never stand among its own', async () => {
    const library = new Library();
    await library.load();
    let months: (months: unknown[]) => void = () => undefined;
    let old: (rows: Photo[]) => void = () => undefined;
    shell.months.mockImplementationOnce(() => new Promise((resolve) => (months = resolve)));
    shell.photos.mockImplementation((query: string, offset: number) => {
      if (query === '') return new Promise((resolve) => (old = resolve));
      return Promise.resolve([{ ...photo(offset), id: 'of the album' }]);
    });
    const shown = library.show({ album: 'Best' });
    // The old grid is still there, and asks for what it shows.
    library.want(130, 140);
    months([{ year: 2026, month: 5, count: 300 }]);
    await shown;
    old(Array.from({ length: 120 }, (_, i) => photo(120 + i)));
    await Promise.resolve();
    expect(library.at(0)?.id).toBe('of the album');
    expect(library.at(130)).toBeUndefined();
    await loaded(library, 120, 120);
    expect(library.at(120)?.id).toBe('of the album');
  });

  it('a range is selected even where its rows were never seen', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    await library.pick(10);
    expect([...library.selected]).toEqual(['id10']);
    await library.pick(250, 'range');
    expect(library.selected.size).toBe(241);
    expect(library.selected.has('id250')).toBe(true);
    await library.pick(12, 'toggle');
    expect(library.selected.has('id12')).toBe(false);
    await library.pickAll();
    expect(library.selected.size).toBe(300);
  });

  it('stars go to the selection, or else to the photo at the cursor', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    library.cursor = 3;
    await library.rate(4);
    expect(shell.rate).toHaveBeenLastCalledWith(['id3'], 4);
    expect(library.at(3)?.rating).toBe(4);
    await library.pick(5);
    await library.pick(6, 'toggle');
    await library.rate(2);
    expect(shell.rate).toHaveBeenLastCalledWith(['id5', 'id6'], 2);
  });

  it('stars the catalogue refused are taken back', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    await library.rate(3, ['id1']);
    shell.rate.mockRejectedValue(new AppError('disk_full', 'full'));
    await library.rate(5, ['id1', 'id2']);
    expect(library.at(1)?.rating).toBe(3);
    expect(library.at(2)?.rating).toBe(0);
    expect(library.error?.code).toBe('disk_full');
  });

  it('photos that come in on top do not put another one under the keys', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    library.cursor = 5;
    shell.months.mockResolvedValue([{ year: 2026, month: 6, count: 500 }]);
    const later = (n: number): Photo => (n < 200 ? photo(9000 + n) : photo(n - 200));
    shell.photos.mockImplementation((_query: string, offset: number, limit: number) =>
      Promise.resolve(Array.from({ length: limit }, (_, i) => later(offset + i))),
    );
    shell.placeOfPhoto.mockResolvedValue(205);
    await library.load();
    expect(shell.placeOfPhoto).toHaveBeenCalledWith('', null, 'id5');
    expect(library.cursor).toBe(205);
    expect(library.at(205)?.id).toBe('id5');
  });

  it('the next photo takes the place of one that went', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    library.cursor = 5;
    shell.months.mockResolvedValue([{ year: 2026, month: 5, count: 299 }]);
    const rest = (n: number): Photo => photo(n < 5 ? n : n + 1);
    shell.photos.mockImplementation((_query: string, offset: number, limit: number) =>
      Promise.resolve(Array.from({ length: limit }, (_, i) => rest(offset + i))),
    );
    shell.placeOfPhoto.mockResolvedValue(null);
    await library.discard(true);
    expect(library.cursor).toBe(5);
    expect(library.at(5)?.id).toBe('id6');
  });

  it('a label goes to photos that were never seen, whatever the seen ones have', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    await library.label('red', ['id1', 'id2']);
    await library.label('red', ['id1', 'id2', 'id250']);
    expect(shell.label).toHaveBeenLastCalledWith(['id1', 'id2', 'id250'], 'red');
  });

  it('a label that all have is taken away, and flags are shown at once', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    await library.label('red', ['id1', 'id2']);
    expect(shell.label).toHaveBeenLastCalledWith(['id1', 'id2'], 'red');
    await library.label('red', ['id1', 'id2']);
    expect(shell.label).toHaveBeenLastCalledWith(['id1', 'id2'], null);
    expect(library.at(1)?.label).toBeNull();
    await library.flag('reject', ['id4']);
    expect(library.at(4)?.flag).toBe('reject');
  });

  it('what was taken back is said, and what is shown stays until it comes anew', async () => {
    const library = new Library();
    await library.load();
    await loaded(library, 0, 20);
    shell.undo.mockResolvedValueOnce({ deed: 'rated', photos: ['id1', 'id2'] });
    await library.undo();
    expect(library.said?.text).toBe('Taken back: stars of 2 photos');
    expect(library.at(1)).toBeDefined();
    library.want(0, 20);
    expect(shell.photos).toHaveBeenCalledTimes(2);
    shell.undo.mockResolvedValueOnce(null);
    await library.undo();
    expect(library.said?.text).toBe('Nothing left to take back');
  });

  it('a search that fails says so and keeps what was shown', async () => {
    const library = new Library();
    await library.load();
    library.cursor = 120;
    shell.months.mockRejectedValueOnce(new AppError('bad_query', 'no field nope'));
    await library.show({ filter: 'nope:x' });
    expect(library.error?.code).toBe('bad_query');
    expect(library.total).toBe(300);
    expect(library.loading).toBe(false);
    expect([library.cursor, library.looks]).toEqual([120, 0]);
  });

  it('something else is looked at from its top once it is here, whichever answer brings it', async () => {
    const library = new Library();
    await library.load();
    library.cursor = 120;
    let answer: (months: unknown[]) => void = () => undefined;
    shell.months.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const slow = library.show({ filter: 'dance' });
    expect([library.cursor, library.looks]).toEqual([120, 0]);
    await library.load();
    expect([library.cursor, library.looks]).toEqual([0, 1]);
    answer([]);
    await slow;
    expect(library.looks).toBe(1);
  });
});
