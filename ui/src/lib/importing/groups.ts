/** A card's exposures by day, and within a day by the pauses between them. */

export interface Shot {
  /** Its place on the card. */
  index: number;
  /** `2026-05-16T14:03:22`. */
  taken: string;
}

/** Photos without a long pause between them. */
export interface Run {
  from: string;
  to: string;
  shots: Shot[];
}

export interface Day {
  /** `2026-05-16`. */
  day: string;
  count: number;
  runs: Run[];
}

/** A pause of this many minutes begins a new run. */
const PAUSE = 60;

function minutes(taken: string): number {
  return Date.parse(`${taken.slice(0, 19)}Z`) / 60_000;
}

export function byDay(shots: Shot[]): Day[] {
  const sorted = [...shots].sort((a, b) =>
    a.taken < b.taken ? -1 : a.taken > b.taken ? 1 : a.index - b.index,
  );
  const days: Day[] = [];
  let last: Shot | null = null;
  for (const shot of sorted) {
    const name = shot.taken.slice(0, 10);
    let day = days.at(-1);
    if (day?.day !== name) {
      day = { day: name, count: 0, runs: [] };
      days.push(day);
      last = null;
    }
    let run = day.runs.at(-1);
    if (!run || (last && minutes(shot.taken) - minutes(last.taken) >= PAUSE)) {
      run = { from: shot.taken, to: shot.taken, shots: [] };
      day.runs.push(run);
    }
    run.shots.push(shot);
    run.to = shot.taken;
    day.count += 1;
    last = shot;
  }
  return days;
}
