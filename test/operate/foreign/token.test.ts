/** However many make the token of one row, and wherever they stop, all messages name one payload. */
import { expect, it } from 'vitest';
import { Cells } from '../../../src/engine/control/cells.js';
import { IdSource } from '../../../src/engine/ids.js';
import { tokenOf } from '../../../src/operate/foreign/token.js';
import { bytes, text } from '../../conformance/fixtures.js';
import { memoryPorts, World } from '../../conformance/memory.js';
import { OpenState } from '../../conformance/memory-checks.js';

const ids = new IdSource();
const row = { messageId: ids.next(), digest: 'as it was', body: bytes('the body') };

function stores() {
  const ports = memoryPorts(new World(), new OpenState());
  const made: string[] = [];
  const newId = () => {
    made.push(ids.next());
    return made.at(-1) ?? '';
  };
  const token = (boundary?: (step: string) => Promise<void> | void) =>
    tokenOf(row, { cells: new Cells(ports.business), payload: ports.payload, newId, boundary });
  const present = async () => {
    const found = await Promise.all(made.map((id) => ports.payload.get(id)));
    return made.filter((_, at) => found[at] !== null);
  };
  return { ports, token, present };
}

it('is the same for every repetition, and holds the body', async () => {
  const { ports, token, present } = stores();
  const first = await token();
  expect([first, await token()]).toEqual([first, first]);
  expect(await present()).toEqual([first.id]);
  expect(text(await ports.payload.get(first.id))).toBe('the body');
  expect(first.store).toBe(ports.payload.name);
});

it.each(['note', 'put'])(
  'who dies after %s leaves nothing that is named or stays',
  async (step) => {
    const { token, present } = stores();
    const dying = token((at) => {
      if (at === step) throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    const { id } = await token();
    expect(await present()).toEqual([id]);
    expect(await token()).toMatchObject({ id });
  },
);

it.each(['note', 'put'])(
  'who is overtaken after %s names what the faster one named',
  async (step) => {
    const { token, present } = stores();
    let faster = '';
    const slow = await token(async (at) => {
      if (at === step && faster === '') faster = (await token()).id;
    });
    expect(slow.id).toBe(faster);
    expect(await present()).toEqual([faster]);
  },
);

it('twenty at a time name one', async () => {
  const { token, present } = stores();
  const all = await Promise.all(Array.from({ length: 20 }, () => token()));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(await present()).toEqual([all[0]?.id]);
});

it('is refused for a row that was changed after its token was made', async () => {
  const { ports, token } = stores();
  await token();
  const changed = tokenOf(
    { ...row, digest: 'changed' },
    { cells: new Cells(ports.business), payload: ports.payload, newId: () => ids.next() },
  );
  await expect(changed).rejects.toMatchObject({ kind: 'refused' });
});
