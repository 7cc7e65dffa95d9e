import { describe, expect, it } from 'vitest';
import { Dropped, Queue } from './queue';

/** A queue whose work ends when the test says so. */
function controlled(width: number): {
  queue: Queue<string>;
  begun: number[];
  stopped: number[];
  end: (key: number) => void;
} {
  const begun: number[] = [];
  const stopped: number[] = [];
  const ends = new Map<number, () => void>();
  const queue = new Queue<string>((key, signal) => {
    begun.push(key);
    return new Promise((resolve, reject) => {
      ends.set(key, () => resolve(`picture ${key}`));
      signal.addEventListener('abort', () => {
        stopped.push(key);
        reject(signal.reason as Error);
      });
    });
  }, width);
  return { queue, begun, stopped, end: (key) => ends.get(key)?.() };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('the queue', () => {
  it('begins what is looked at before what is near, each in order', async () => {
    const { queue, begun, end } = controlled(1);
    for (const key of [1, 2]) void queue.want(key, 1);
    for (const key of [3, 4]) void queue.want(key, 0);
    for (const key of [3, 4, 1, 2]) {
      await settle();
      expect(begun.at(-1)).toBe(key);
      end(key);
    }
  });

  it('never does more at once than it may', async () => {
    const { queue, begun } = controlled(16);
    for (let key = 0; key < 100; key++) void queue.want(key, 0);
    await settle();
    expect(begun).toHaveLength(16);
  });

  it('does a thing once for all who want it', async () => {
    const { queue, begun, end } = controlled(4);
    const both = [queue.want(7, 1), queue.want(7, 0)];
    await settle();
    end(7);
    expect(await Promise.all(both)).toEqual(['picture 7', 'picture 7']);
    expect(begun).toEqual([7]);
  });

  it('forgets what nobody wants any more, begun or not', async () => {
    const { queue, begun, stopped } = controlled(1);
    const first = queue.want(1, 0);
    const second = queue.want(2, 0);
    await settle();
    queue.drop(2);
    await expect(second).rejects.toBeInstanceOf(Dropped);
    queue.drop(1);
    await expect(first).rejects.toBeInstanceOf(Dropped);
    await settle();
    expect(begun).toEqual([1]);
    expect(stopped).toEqual([1]);
  });

  it('goes on for the other when one of two lets go', async () => {
    const { queue, end } = controlled(1);
    void queue.want(1, 0);
    const still = queue.want(1, 0);
    await settle();
    queue.drop(1);
    end(1);
    expect(await still).toBe('picture 1');
  });

  it('goes on after a failure', async () => {
    const queue = new Queue<number>(
      (key) => (key === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(key)),
      1,
    );
    await expect(queue.want(1, 0)).rejects.toThrow('broken');
    expect(await queue.want(2, 0)).toBe(2);
  });
});
