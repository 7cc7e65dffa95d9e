import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError } from '../ipc';
import { Player } from './film.svelte';

const shell = vi.hoisted(() => ({ film: vi.fn() }));
vi.mock('../ipc', async (original) => ({
  ...(await original<object>()),
  ...shell,
  filmUrl: (photo: string, from?: number) => `film:${photo}:${from ?? 'all'}`,
}));

const live = { mime: 'video/quicktime', bytes: 10, isOfStill: true };

const made = vi.fn(() => 'blob:1');
const gone = vi.fn();

beforeEach(() => {
  made.mockClear();
  gone.mockClear();
  shell.film.mockReset().mockResolvedValue(live);
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve(new Response(new Blob(['12345'])))),
  );
  vi.spyOn(URL, 'createObjectURL').mockImplementation(made);
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation(gone);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('player', () => {
  it('plays what there is to play, and nothing where there is nothing', async () => {
    const player = new Player();
    await player.show('a');
    expect(player.source).toBeNull();
    player.play();
    expect(player.source).toBe('film:a:all');
    shell.film.mockResolvedValue(null);
    await player.show('b');
    player.play();
    expect(player.source).toBeNull();
  });

  it('fetches a film in pieces where the web view plays only what it has whole', async () => {
    const player = new Player();
    await player.show('a');
    player.play();
    await player.failed();
    expect(vi.mocked(fetch).mock.calls.map(([url]) => url)).toEqual(['film:a:0', 'film:a:5']);
    expect(player.source).toBe('blob:1');
    expect(made).toHaveBeenCalledWith(expect.objectContaining({ size: 10, type: 'video/mp4' }));
    player.stop();
    expect(gone).toHaveBeenCalledWith('blob:1');
  });

  it('says so when it cannot be played, once', async () => {
    const player = new Player();
    await player.show('a');
    player.play();
    await player.failed();
    await player.failed();
    expect(player.source).toBeNull();
    expect(player.sorry).toContain('cannot play');
  });

  it('does not fetch a film that is too long', async () => {
    shell.film.mockResolvedValue({ ...live, bytes: 1e9 });
    const player = new Player();
    await player.show('a');
    player.play();
    await player.failed();
    expect(fetch).not.toHaveBeenCalled();
    expect(player.sorry).toContain('too long');
  });

  it('says that a film is elsewhere', async () => {
    shell.film.mockRejectedValue(new AppError('not_found', 'not here'));
    const player = new Player();
    await player.show('a');
    expect(player.sorry).toBe('This film is not on this computer.');
  });

  it('forgets what it fetches when another photo comes', async () => {
    const player = new Player();
    await player.show('a');
    player.play();
    const fetching = player.failed();
    await player.show('b');
    await fetching;
    expect(player.source).toBeNull();
    expect(player.fetching).toBe(false);
  });
});
