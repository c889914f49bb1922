import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConversation, persist, sendMessage, type Side } from './conversation.js';
import { Follower } from './follower.js';
import { startSplitHouse, type SplitHouse } from './split-house.js';

let house: SplitHouse;
beforeAll(async () => {
  house = await startSplitHouse({}, { communities: 2 });
});
afterAll(() => house[Symbol.asyncDispose]());

const freeze = (): void => house.communities.forEach(({ child }) => child.kill('SIGSTOP'));
const thaw = (): void => house.communities.forEach(({ child }) => child.kill('SIGCONT'));

const MESSAGES = 'subscription ($id: ID!, $after: Int!) { messageReceived(conversationId: $id, after: $after) { seq } }';
/** A room gives a sign of life every 5 seconds; without two of them it is frozen. Later than that by what a busy machine may need. */
const [SILENCE, LATE] = [10_000, 5000];

interface Told {
  readonly messageReceived: { readonly seq: number };
}

test('who follows a quiet conversation whose room is frozen is told so in time, and goes on behind its cursor once the room does', async () => {
  const owner = await house.asOwner();
  const [mine, theirs] = await openConversation(owner, [await house.firm(), await house.firm()]) as [Side, Side];
  const reader = theirs.firm.socket();
  const follow = (after: number) => reader.iterate<Told>({ query: MESSAGES, variables: { id: theirs.conversationId, after } });
  await sendMessage(mine, 'before');
  const followed = follow(0);
  expect((await followed.next()).value).toEqual({ data: { messageReceived: { seq: 1 } } });
  // Quiet for longer than a silence may be: signs of life are what it goes on by.
  const end = followed.next();
  const first = await Promise.race([end.then(() => 'an end'), new Promise((resolve) => setTimeout(resolve, SILENCE + 2000, 'none'))]);
  expect(first).toBe('none');
  freeze();
  const from = performance.now();
  try {
    const told = await end;
    const took = performance.now() - from;
    expect(told.value).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    // The last sign of life may be up to five seconds old when it freezes.
    expect({ took, isInTime: took > SILENCE / 2 - 1000 && took < SILENCE + LATE }).toEqual({ took, isInTime: true });
    expect((await followed.next()).done).toBe(true);
    // Who comes back while it is still frozen is told within five seconds, each time.
    const again = performance.now();
    await expect(follow(1).next()).rejects.toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    expect(performance.now() - again).toBeLessThan(5000 + LATE);
  } finally {
    thaw();
  }
  const second = await sendMessage(mine, 'after');
  expect(second.seq).toBe(2);
  const resumed = follow(1);
  expect((await resumed.next()).value).toEqual({ data: { messageReceived: { seq: 2 } } });
  await reader.dispose();
}, 120_000);

/** As the protocol has it: who has no answer within five seconds sends again. The gateway may wait longer, for it asks through the balancer whether the room lives. */
function inFiveSeconds<T>(answer: Promise<T>): Promise<T> {
  return Promise.race([answer, new Promise<never>((_, reject) => setTimeout(reject, 5000, new Error('no answer')))]);
}

test('another process of the room takes over what a frozen one does not do, and nothing is lost or told twice', async () => {
  const [mine, theirs] = await openConversation(await house.asOwner(), [await house.firm(), await house.firm()]) as [Side, Side];
  await sendMessage(mine, '1');
  await using follower = new Follower(theirs);
  await follower.upTo(1);
  // Either may be the one that it follows by.
  const [first, second] = house.communities;
  for (const [index, [{ child }, other]] of ([[first!, second!], [second!, first!]] as const).entries()) {
    child.kill('SIGSTOP');
    // As a balancer does: nobody new is led to it. What is open to it stays.
    house.proxies.community!.leadTo(other.url);
    try {
      const clientId = `during ${index}`;
      const sent = await persist(() => inFiveSeconds(sendMessage(mine, clientId, clientId)), 60);
      await follower.upTo(sent.seq, 40);
    } finally {
      child.kill('SIGCONT');
    }
  }
  expect(follower.told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
}, 120_000);
