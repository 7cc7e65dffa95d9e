import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError } from '../ipc';
import { Connecting, Setup } from './setup.svelte';

const shell = vi.hoisted(() => ({
  home: vi.fn(),
  setUp: vi.fn(),
  createVault: vi.fn(),
  givePassphrase: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const words = Array.from({ length: 24 }, (_, i) => `word${i}`);

beforeEach(() => {
  shell.home.mockReset();
  shell.setUp.mockReset();
  shell.createVault.mockReset().mockResolvedValue(words);
  shell.givePassphrase.mockReset().mockResolvedValue(undefined);
});

function filled(keysGiven = false): Connecting {
  const connecting = new Connecting(keysGiven);
  connecting.endpoint = 's3.example.com';
  connecting.bucket = ' photos ';
  return connecting;
}

describe('setting up', () => {
  it('a locked catalogue is said, and asking again clears it', async () => {
    shell.home.mockRejectedValueOnce(new AppError('catalog_locked', 'locked'));
    shell.home.mockResolvedValueOnce({ library: '/photos' });
    const setup = new Setup();
    await setup.load();
    expect(setup.error?.code).toBe('catalog_locked');
    expect(setup.home).toBeNull();
    await setup.load();
    expect(setup.error).toBeNull();
    expect(setup.home?.library).toBe('/photos');
  });
});

describe('connecting a bucket', () => {
  it('keys come as a pair, or from elsewhere', async () => {
    expect(filled(true).ready).toBe(true);
    const asked = filled(false);
    await asked.connect();
    expect(shell.createVault.mock.calls[0]?.[1]).toBeNull();
    asked.accessKey = 'A';
    expect(asked.ready).toBe(false);
    asked.secretKey = 'S';
    expect(asked.ready).toBe(true);
  });

  it('an address without scheme is https, and rubbish is none', () => {
    const connecting = filled();
    expect(connecting.address()).toBe('https://s3.example.com');
    connecting.endpoint = 'http://127.0.0.1:9000';
    expect(connecting.address()).toBe('http://127.0.0.1:9000');
    connecting.endpoint = 'my bucket';
    expect(connecting.address()).toBeNull();
    expect(connecting.addressWrong).not.toBeNull();
    connecting.endpoint = '';
    expect(connecting.addressWrong).toBeNull();
  });

  it('gives the words once and forgets the secret', async () => {
    const connecting = filled();
    connecting.accessKey = 'A';
    connecting.secretKey = 'S';
    await connecting.connect();
    expect(shell.createVault).toHaveBeenCalledWith(
      {
        endpoint: 'https://s3.example.com',
        region: 'us-east-1',
        bucket: 'photos',
        shareBucket: null,
      },
      { accessKey: 'A', secretKey: 'S' },
    );
    expect(connecting.words).toHaveLength(24);
    expect(connecting.secretKey).toBe('');
    connecting.forget();
    expect(connecting.words).toBeNull();
  });

  it('without a keyring a passphrase is asked for and goes first', async () => {
    const connecting = filled(true);
    shell.createVault.mockRejectedValueOnce(new AppError('no_keyring', 'no bus'));
    await connecting.connect();
    expect(connecting.needsPassphrase).toBe(true);
    expect(connecting.ready).toBe(false);
    connecting.passphrase = 'correct horse';
    await connecting.connect();
    expect(shell.givePassphrase).toHaveBeenCalledWith('correct horse');
    expect(connecting.words).toHaveLength(24);
  });
});
