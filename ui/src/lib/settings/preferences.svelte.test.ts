import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError, type Preferences } from '../ipc';
import { Settings } from './preferences.svelte';

const shell = vi.hoisted(() => ({
  preferences: vi.fn(),
  addMirror: vi.fn(),
  limitPreviews: vi.fn(),
  syncMirrors: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const plain = { mirrors: [], lock: null } as unknown as Preferences;

beforeEach(() => {
  shell.preferences.mockReset().mockResolvedValue(plain);
  shell.addMirror.mockReset();
  shell.limitPreviews.mockReset().mockResolvedValue(plain);
  shell.syncMirrors.mockReset();
});

describe('settings', () => {
  it('what cannot be done is said where it was asked for, and nothing else changes', async () => {
    const settings = new Settings();
    await settings.load();
    shell.addMirror.mockRejectedValue(new AppError('usage', 'inside the library'));
    expect(await settings.addMirror('/photos/x')).toBe(false);
    expect(settings.errorOf('mirrors')?.message).toBe('inside the library');
    expect(settings.errorOf('lock')).toBeNull();
    expect(settings.now).toBe(plain);
    expect(await settings.limitPreviews(1.5)).toBe(true);
    expect(shell.limitPreviews).toHaveBeenCalledWith(1_500_000_000);
    expect(settings.errorOf('mirrors')).toBeNull();
  });

  it('copying to mirrors can be stopped, and that is no error', async () => {
    let stop: () => void = () => undefined;
    shell.syncMirrors.mockReturnValue({
      done: new Promise((_, reject) => (stop = () => reject(new AppError('cancelled', 'stop')))),
      cancel: () => stop(),
    });
    const settings = new Settings();
    const running = settings.syncMirrors();
    expect(settings.busy).toBe('mirrors');
    settings.stop();
    expect(await running).toBe(false);
    expect(settings.errorOf('mirrors')).toBeNull();
    expect(settings.busy).toBeNull();
  });
});
