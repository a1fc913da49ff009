/** How a check ended; `unknown`: it could not be made, which is never fine. */
export type State = 'ok' | 'warning' | 'missing' | 'wrong' | 'unknown';

/** What a check has found out. */
export interface Finding {
  check: string;
  state: State;
  /** What is there, or why it could not be seen; of several lines where there is more to say. */
  found: string;
  /** What to do about it; empty when there is nothing to do. */
  advice: string;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, advice: '' };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, state: 'warning', found, advice };
}

export function missing(check: string, found: string, advice: string): Finding {
  return { check, state: 'missing', found, advice };
}

export function wrong(check: string, found: string, advice: string): Finding {
  return { check, state: 'wrong', found, advice };
}

export function unknown(check: string, why: string, advice: string): Finding {
  return { check, state: 'unknown', found: why, advice };
}
