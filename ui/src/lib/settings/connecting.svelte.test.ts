import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError, type BucketCheck, type Provider } from '../ipc';
import { Connecting, type Goal } from './connecting.svelte';

const shell = vi.hoisted(() => ({
  checkBucket: vi.fn(),
  makeBucket: vi.fn(),
  createVault: vi.fn(),
  drawWords: vi.fn(),
  openVault: vi.fn(),
  givePassphrase: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const words = Array.from({ length: 24 }, (_, i) => `word${i + 1}`);
const recovery = {
  vault: 'v1',
  endpoint: 'https://s3.example.com',
  region: 'us-east-1',
  bucket: 'photos',
  shareBucket: null,
  root: '',
  words,
};
const good: BucketCheck = { usable: true, missing: false, findings: [], canHarden: false };
const provider = (id: string, endpoint: string, regions: string[] = []): Provider => ({
  id,
  name: id,
  endpoint,
  regions: regions.map((region) => ({ id: region, name: region })),
  usualRegion: id === 'garage' ? 'garage' : '',
  hint: '',
  price: null,
});
const other = provider('other', '');

beforeEach(() => {
  shell.checkBucket.mockReset().mockResolvedValue(good);
  shell.makeBucket.mockReset().mockResolvedValue(good);
  shell.createVault.mockReset().mockResolvedValue(recovery);
  shell.drawWords.mockReset().mockResolvedValue(words);
  shell.openVault.mockReset();
  shell.givePassphrase.mockReset().mockResolvedValue(undefined);
});

function filled(keysGiven = false, goal: Goal = 'new'): Connecting {
  let next = 0;
  const places = [0.5, 0, 0.5, 0.99];
  const connecting = new Connecting(keysGiven, goal, () => places[next++ % 4] ?? 0);
  connecting.choose(other);
  connecting.endpoint = 's3.example.com';
  connecting.bucket = ' photos ';
  return connecting;
}

describe('connecting a bucket', () => {
  it('a provider knows its address from the region or the account', () => {
    const connecting = new Connecting(true);
    connecting.choose(provider('aws', 'https://s3.{region}.amazonaws.com', ['eu-west-1', 'x']));
    expect(connecting.address()).toBe('https://s3.eu-west-1.amazonaws.com');
    connecting.region = 'x';
    expect(connecting.address()).toBe('https://s3.x.amazonaws.com');
    connecting.choose(provider('r2', 'https://{account}.r2.example.com', ['auto']));
    expect(connecting.address()).toBeNull();
    connecting.account = ' 0a1b.eu ';
    expect(connecting.address()).toBe('https://0a1b.eu.r2.example.com');
    expect(connecting.region).toBe('auto');
    connecting.choose(provider('garage', ''));
    expect(connecting.region).toBe('garage');
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

  it('a name no bucket can have is told before anything is asked', () => {
    const connecting = filled(true);
    expect(connecting.bucketWrong).toBeNull();
    expect(connecting.complete).toBe(true);
    connecting.bucket = 'My Photos!';
    expect(connecting.bucketWrong).not.toBeNull();
    expect(connecting.complete).toBe(false);
  });

  it('keys come as a pair, or from elsewhere', async () => {
    expect(filled(true).complete).toBe(true);
    const asked = filled(false);
    await asked.look();
    expect(shell.checkBucket.mock.calls[0]?.[1]).toBeNull();
    asked.accessKey = 'A';
    expect(asked.complete).toBe(false);
    asked.secretKey = 'S';
    expect(asked.complete).toBe(true);
  });

  it('nothing is made in a bucket that was not looked at as it stands in the form', async () => {
    const connecting = filled(true);
    await connecting.connect();
    expect(shell.drawWords).not.toHaveBeenCalled();
    await connecting.look();
    expect(connecting.ready).toBe(true);
    connecting.bucket = 'another';
    expect(connecting.current).toBeNull();
    expect(connecting.ready).toBe(false);
  });

  it('a bucket that is missing is made and looked at again', async () => {
    shell.checkBucket.mockResolvedValue({ ...good, usable: false, missing: true });
    const connecting = filled(true);
    await connecting.look();
    expect(connecting.ready).toBe(false);
    await connecting.make();
    expect(connecting.ready).toBe(true);
  });

  it('makes the vault once three of its words came back, and forgets the secret', async () => {
    const connecting = filled();
    connecting.accessKey = 'A';
    connecting.secretKey = 'S';
    await connecting.look();
    await connecting.connect();
    expect(connecting.step).toBe('words');
    expect(connecting.words).toEqual(words);
    connecting.ask();
    expect(connecting.asked.map(({ place }) => place)).toEqual([1, 13, 24]);
    for (const asked of connecting.asked) asked.answer = ` Word${asked.place} `;
    const last = connecting.asked[2];
    if (last) last.answer = 'word23';
    await connecting.answer();
    expect(connecting.step).toBe('ask');
    expect(shell.createVault).not.toHaveBeenCalled();
    expect(connecting.asked.map(({ wrong }) => wrong)).toEqual([false, false, true]);
    if (last) last.answer = 'word24';
    const again = connecting.asked[2];
    if (again) again.answer = 'word24';
    shell.createVault.mockRejectedValueOnce(new AppError('offline', 'no route'));
    await connecting.answer();
    expect(connecting.error?.code).toBe('offline');
    expect(connecting.step).toBe('ask');
    await connecting.answer();
    expect(connecting.step).toBe('kit');
    expect(connecting.secretKey).toBe('');
    expect(shell.createVault).toHaveBeenLastCalledWith(
      {
        endpoint: 'https://s3.example.com',
        region: 'us-east-1',
        bucket: 'photos',
        shareBucket: null,
      },
      { accessKey: 'A', secretKey: 'S' },
      words,
    );
    connecting.forget();
    expect(connecting.recovery).toBeNull();
    expect(connecting.words).toEqual([]);
  });

  it('without a keyring a passphrase is asked for and goes first', async () => {
    const connecting = filled(true);
    await connecting.look();
    shell.drawWords.mockRejectedValueOnce(new AppError('no_keyring', 'no bus'));
    await connecting.connect();
    expect(connecting.needsPassphrase).toBe(true);
    expect(connecting.ready).toBe(false);
    connecting.passphrase = 'correct horse';
    connecting.passphraseAgain = 'correct house';
    expect(connecting.ready).toBe(false);
    expect(connecting.againWrong).not.toBeNull();
    connecting.passphraseAgain = 'correct horse';
    await connecting.connect();
    expect(shell.givePassphrase).toHaveBeenCalledWith('correct horse');
    expect(connecting.step).toBe('words');
  });

  it('a vault opens with 24 words and a place for its photos', async () => {
    const opened = { photos: 3, thumbs: 3, enrolled: true, failed: [] };
    shell.openVault.mockReturnValue({ done: Promise.resolve(opened), cancel: vi.fn() });
    const connecting = filled(true, 'open');
    connecting.library = '/photos';
    await connecting.look();
    connecting.typed = words.slice(1).join(' ');
    expect(connecting.ready).toBe(false);
    connecting.typed = `${words.join('\n')} `;
    expect(connecting.ready).toBe(true);
    await connecting.connect();
    expect(connecting.step).toBe('done');
    expect(connecting.typed).toBe('');
    expect(connecting.opened).toEqual(opened);
  });
});
