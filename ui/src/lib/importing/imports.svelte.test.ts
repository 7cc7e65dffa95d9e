import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Card } from '../ipc';
import { Imports } from './imports.svelte';

const shell = vi.hoisted(() => ({
  cards: vi.fn(),
  planImport: vi.fn(),
  cardContents: vi.fn(),
  preferences: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const first: Card = { path: '/media/A', name: 'A' };
const second: Card = { path: '/media/B', name: 'B' };

beforeEach(() => {
  shell.cards.mockReset().mockResolvedValue([]);
  shell.planImport.mockReset().mockReturnValue({
    done: new Promise(() => undefined),
    cancel: vi.fn(),
  });
  shell.cardContents.mockReset().mockResolvedValue({ id: '0', frames: [] });
  shell.preferences.mockReset().mockRejectedValue(new Error('none'));
});

describe('several cards', () => {
  it('a card that appears gets its sheet by itself, once', async () => {
    const imports = new Imports();
    expect(await imports.find()).toBe(false);
    shell.cards.mockResolvedValue([first]);
    expect(await imports.find()).toBe(true);
    expect(imports.front.source).toBe('/media/A');
    expect(imports.front.stage).toBe('planning');
    expect(await imports.find()).toBe(false);
    shell.cards.mockResolvedValue([first, second]);
    expect(await imports.find()).toBe(true);
    expect(imports.sheets.map(({ source }) => source)).toEqual(['/media/A', '/media/B']);
    expect(imports.front.source).toBe('/media/B');
  });

  it('a card that was taken out and put in again is new', async () => {
    const imports = new Imports();
    shell.cards.mockResolvedValue([first]);
    await imports.find();
    shell.cards.mockResolvedValue([]);
    await imports.find();
    shell.cards.mockResolvedValue([first]);
    expect(await imports.find()).toBe(true);
    expect(imports.sheets).toHaveLength(1);
  });
});
