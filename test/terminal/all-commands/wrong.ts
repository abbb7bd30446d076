/** What is wrong about a command line, for every command that can be told it: read off the manifest. */

export interface ManifestCommand {
  readonly id: string;
  readonly args: Readonly<Record<string, { readonly name: string; readonly required?: boolean }>>;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly examples?: readonly string[];
}

export interface Wrong {
  readonly line: string;
  readonly exit: number;
}

const nobodysId = '01ZZZZZZZZ';
/** Right values of required arguments. */
const right: Readonly<Record<string, string>> = {
  ...{ message: '{stuck}', payload: '{payload}', endpoint: 'payments' },
  ...{ plan: 'p.json', file: 'b.ndjson', id: '{log}' },
};

/** Ids that nothing has: exit 5. */
export function wrongIds(command: ManifestCommand): readonly Wrong[] {
  const of = (name: string, id: string) =>
    command.args[name] === undefined ? [] : [{ line: lineOf(command, { [name]: id }), exit: 5 }];
  return [
    ...['message', 'payload'].flatMap((name) => of(name, nobodysId)),
    ...of('run', '2020-01-01-000000-nobody'),
    ...(command.id === 'undo' ? of('id', '999') : []),
  ];
}

/** An endpoint that the deployment does not have: exit 2. */
export function unknownEndpoint(command: ManifestCommand): readonly Wrong[] {
  if (command.args['endpoint']) {
    return [{ line: lineOf(command, { endpoint: 'paymants' }), exit: 2 }];
  }
  if (!('endpoint' in command.flags)) return [];
  return [{ line: `${lineOf(command, {})} --endpoint paymants`, exit: 2 }];
}

/** A deployment out of reach: exit 6. */
export function down(command: ManifestCommand): readonly Wrong[] {
  const { args, flags } = command;
  if (!('profile' in { ...args, ...flags }) || !needsStores(command)) return [];
  return [{ line: lineOf(command, {}, 'down.yaml'), exit: 6 }];
}

/** Looks at a profile alone, or has stores of its own; doctor tells what is out of reach as a finding. */
function needsStores({ id }: ManifestCommand): boolean {
  return !/^(profile|bench):|^doctor$/.test(id);
}

function lineOf(
  { id, args, flags }: ManifestCommand,
  given: Readonly<Record<string, string>>,
  profile = 'shop.yaml',
): string {
  const words = Object.values(args).flatMap(({ name, required }) => {
    if (name === 'profile') return [profile];
    return given[name] ?? (required ? (right[name] ?? name) : []);
  });
  return [
    ...[...id.split(':'), ...words],
    ...('profile' in flags ? ['-p', profile] : []),
    ...('set-body' in flags ? ['--set-body', '{}'] : []),
    ...('dry-run' in flags ? ['--dry-run'] : []),
  ].join(' ');
}
