/** Tells of every HTTP request that a command comes to, repeats included. */

interface Answer {
  readonly response: unknown;
}

type Handler = (args: never) => Promise<Answer>;

/** Of a command of the SDK, as much as is needed here; the SDK's own type differs by command. */
interface Countable {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler, context: { readonly commandName?: string }) => Handler,
      options: { readonly step: 'deserialize'; readonly name: string; readonly priority: 'low' },
    ): void;
  };
}

/** `count` is told the name of the command and the HTTP status, or `lost` when no answer came. */
export function counted<C>(command: C, count: (name: string, outcome: string) => void): C {
  // Next to the wire: behind all that repeats, and before an answer is read as an error.
  (command as Countable).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          const answer = await next(args);
          const { statusCode } = answer.response as { statusCode?: number };
          count(commandName, String(statusCode ?? ''));
          return answer;
        } catch (error) {
          count(commandName, 'lost');
          throw error;
        }
      },
    { step: 'deserialize', name: 'oncectlCounted', priority: 'low' },
  );
  return command;
}
