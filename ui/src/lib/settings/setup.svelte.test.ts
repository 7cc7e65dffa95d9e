import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError } from '../ipc';
import { Setup } from './setup.svelte';

const shell = vi.hoisted(() => ({
  home: vi.fn(),
  setUp: vi.fn(),
  adopt: vi.fn(),
  providers: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const fresh = { library: null, suggestedLibrary: '/pictures', keysGiven: true };
const there = { ...fresh, library: '/photos' };

beforeEach(() => {
  shell.home.mockReset().mockResolvedValue(fresh);
  shell.setUp.mockReset().mockResolvedValue(there);
  shell.providers.mockReset().mockResolvedValue([]);
  shell.adopt.mockReset();
});

describe('setting up', () => {
  it('a locked catalogue is said, and asking again clears it', async () => {
    shell.home.mockRejectedValueOnce(new AppError('catalog_locked', 'locked'));
    shell.home.mockResolvedValueOnce(there);
    const setup = new Setup();
    await setup.load();
    expect(setup.error?.code).toBe('catalog_locked');
    expect(setup.home).toBeNull();
    await setup.load();
    expect(setup.error).toBeNull();
    expect(setup.home?.library).toBe('/photos');
    expect(setup.stage).toBe('over');
  });

  it('a new library leads to the bucket, and leaving that to the photos', async () => {
    const setup = new Setup();
    await setup.load();
    expect(setup.stage).toBe('library');
    expect(setup.library).toBe('/pictures');
    await setup.choose();
    expect(setup.stage).toBe('bucket');
    expect(setup.connecting?.goal).toBe('new');
    shell.home.mockResolvedValue(there);
    await setup.finish();
    expect(setup.stage).toBe('over');
  });

  it('a folder that cannot be the library is said, and the choice stays', async () => {
    shell.setUp.mockRejectedValue(new AppError('io', 'read-only'));
    const setup = new Setup();
    await setup.load();
    await setup.choose();
    expect(setup.stage).toBe('library');
    expect(setup.error?.code).toBe('io');
  });

  it('photos that are there are read before the bucket is asked for', async () => {
    shell.adopt.mockReturnValue({ done: Promise.resolve({ adopted: 12 }), cancel: vi.fn() });
    const setup = new Setup();
    await setup.load();
    setup.begin('adopt');
    setup.library = ' /old photos ';
    await setup.choose();
    expect(shell.adopt.mock.calls[0]?.[0]).toBe('/old photos');
    expect(setup.stage).toBe('adopted');
    expect(setup.adopted?.adopted).toBe(12);
    setup.bucket();
    expect(setup.stage).toBe('bucket');
  });

  it('opening a vault asks for its bucket before anything is made here', async () => {
    const setup = new Setup();
    await setup.load();
    setup.begin('open');
    await setup.choose();
    expect(shell.setUp).not.toHaveBeenCalled();
    expect(setup.connecting?.goal).toBe('open');
    expect(setup.connecting?.library).toBe('/pictures');
    setup.back();
    expect(setup.stage).toBe('library');
  });
});
