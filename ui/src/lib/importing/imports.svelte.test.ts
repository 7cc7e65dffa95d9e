import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError, type Card } from '../ipc';
import { Imports } from './imports.svelte';

const shell = vi.hoisted(() => ({
  cards: vi.fn(),
  nextCards: vi.fn(),
  importsCutOff: vi.fn(),
  importCard: vi.fn(),
  planImport: vi.fn(),
  cardContents: vi.fn(),
  preferences: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const first: Card = { path: '/media/A', name: 'A' };
const second: Card = { path: '/media/B', name: 'B' };

beforeEach(() => {
  shell.cards.mockReset().mockResolvedValue([]);
  shell.nextCards.mockReset();
  shell.importsCutOff.mockReset().mockResolvedValue([]);
  shell.importCard.mockReset();
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

  it('behind the lock nothing is answered, and the cards and their verdicts stay', async () => {
    vi.useFakeTimers();
    const imports = new Imports();
    shell.cards.mockResolvedValue([first]);
    await imports.find();
    const sheet = imports.front;
    shell.cards.mockRejectedValueOnce(new AppError('locked', 'locked'));
    const asked = imports.find();
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(await asked).toBe(false);
    expect(imports.cards).toEqual([first]);
    expect(await imports.find()).toBe(false);
    expect(imports.front).toBe(sheet);
  });

  it('cards are followed until that is over, and told of as they appear', async () => {
    shell.nextCards.mockResolvedValueOnce([first]).mockResolvedValueOnce([first, second]);
    const imports = new Imports();
    const seen: number[] = [];
    await imports.follow(
      () => seen.push(imports.cards.length),
      () => seen.length === 2,
    );
    expect(seen).toEqual([1, 2]);
    expect(shell.cards).toHaveBeenCalledTimes(1);
  });

  it('an import that was cut off goes on as it was ordered, and no card comes to the front', async () => {
    const order = { source: '/media/A', shoot: 'Smith', client: null, preset: 'w', template: null };
    shell.importsCutOff.mockResolvedValue([order]);
    shell.cards.mockResolvedValue([first]);
    shell.planImport.mockReturnValue({ done: Promise.resolve({ newPaths: [] }), cancel: vi.fn() });
    shell.importCard.mockReturnValue({ done: new Promise(() => undefined), cancel: vi.fn() });
    const imports = new Imports();
    expect(await imports.find()).toBe(false);
    await vi.waitFor(() => expect(imports.front.stage).toBe('importing'));
    expect(shell.importCard.mock.calls[0]?.[0]).toEqual(order);
    expect(shell.planImport.mock.calls[0]?.[0]).toEqual(order);
    expect(imports.front.card).toEqual(first);
    await imports.find();
    expect(shell.importsCutOff).toHaveBeenCalledTimes(1);
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
