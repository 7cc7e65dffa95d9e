import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { whenIdle } from './idle';

describe('a window nobody touches', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is told of once the time is over, counted from the last touch', () => {
    const target = new EventTarget();
    const idle = vi.fn();
    const stop = whenIdle(5, idle, target);
    vi.advanceTimersByTime(4 * 60_000);
    target.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(4 * 60_000);
    expect(idle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(idle).toHaveBeenCalledOnce();
    stop();
    target.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(60 * 60_000);
    expect(idle).toHaveBeenCalledOnce();
  });
});
