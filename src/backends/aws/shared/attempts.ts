/**
 * Sees every attempt of every request of a client: counts them (each is billed, repeats too), and
 * remembers of a request whether one of its attempts may have taken effect (rule N3 of `errors.ts`).
 */
import { isThrottled, markUnsure, mayHaveHappened } from './errors.js';

/** Attempts by operation of the service, since the client was made. */
export interface Attempts {
  /** `SendMessageBatch` -> attempts. */
  readonly byCommand: Record<string, number>;
  total: number;
  /** Of these: refused because there were too many. */
  throttled: number;
  /** Of these: failed otherwise, refusals and failed conditions included. */
  failed: number;
  /** The server's clock less ours at the last answer, ms; whole seconds. Null before the first. */
  clockSkewMs: number | null;
}

interface Answer {
  readonly response: unknown;
}

type Handler = (args: never) => Promise<Answer>;

/** Of a client of the SDK, as much as is needed here; the SDK's own type differs by service. */
interface Watchable {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler, context: { readonly commandName?: string }) => Handler,
      options: {
        readonly step: 'finalizeRequest';
        readonly name: string;
        readonly priority: 'low';
      },
    ): void;
  };
}

/** Watches the client from here on. Call it once, right after the client was made. */
export function watchAttempts(client: object): Attempts {
  const seen: Attempts = { byCommand: {}, total: 0, throttled: 0, failed: 0, clockSkewMs: null };
  // Behind the middleware that repeats, so that it sees each attempt; made anew for each request.
  (client as Watchable).middlewareStack.add(
    (next, { commandName = 'other' }) => {
      let mayBeDone = false;
      return async (args) => {
        seen.total++;
        seen.byCommand[commandName] = (seen.byCommand[commandName] ?? 0) + 1;
        try {
          const answer = await next(args);
          noteClock(seen, answer.response);
          return answer;
        } catch (error) {
          if (isThrottled(error)) seen.throttled++;
          else seen.failed++;
          noteClock(seen, (error as { $response?: unknown }).$response);
          mayBeDone ||= mayHaveHappened(error);
          if (mayBeDone) markUnsure(error);
          throw error;
        }
      };
    },
    { step: 'finalizeRequest', name: 'oncectlAttempts', priority: 'low' },
  );
  return seen;
}

function noteClock(seen: Attempts, response: unknown): void {
  const date = (response as { headers?: Record<string, string> } | undefined)?.headers?.['date'];
  const server = date === undefined ? Number.NaN : Date.parse(date);
  if (!Number.isNaN(server)) seen.clockSkewMs = server - Math.floor(Date.now() / 1000) * 1000;
}
