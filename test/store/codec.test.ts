import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reasonTexts, renderReason } from '../../lib/protocol/reason.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { equals } from '../../lib/protocol/write.ts'
import { attributeOf, type Item, toItem } from '../../lib/store/dynamo/attributes.ts'
import { readHead, readHistoryRecord, readLease } from '../../lib/store/dynamo/codec.ts'
import { compileWrite } from '../../lib/store/dynamo/compile-write.ts'
import { genesis, hashOf } from './blocks.ts'

const head: Head = { chain: '901', ...genesis, leader: 'ada', term: 3, committedTerm: 2, committedAt: 5, fencedAt: 4 }

const hash = fc.string({ minLength: 1 }).map(hashOf)
const natural = fc.bigInt({ min: 0n, max: 2n ** 64n })
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const heads = fc
  .record(
    {
      chain: fc.string({ minLength: 1 }),
      number: natural,
      hash,
      parentHash: hash,
      timestamp: natural,
      l1Origin: fc.record({ number: natural, hash }),
      payload: fc.uint8Array(),
      leader: fc.string(),
      term: count,
      committedTerm: count,
      committedAt: count,
      fencedAt: count,
    },
    {
      requiredKeys: [
        'chain',
        'number',
        'hash',
        'parentHash',
        'timestamp',
        'leader',
        'term',
        'committedTerm',
        'committedAt',
        'fencedAt',
      ],
      noNullPrototype: true,
    },
  )
  .map((record): Head => record as Head)

test('a head survives the way to an item and back', () => {
  fc.assert(
    fc.property(heads, (record) => {
      expect(readHead(toItem(record))).toEqual(record)
    }),
  )
})

test('bytes in base64, as Lambda delivers them', () => {
  const item = { ...toItem(head), payload: { B: 'AQID' } } as unknown as Item
  expect(readHead(item).payload).toEqual(new Uint8Array([1, 2, 3]))
})

const corrupt: [string, Item][] = [
  ['number', { number: { S: '100' } }],
  ['number', { number: { N: '-1' } }],
  ['number', { number: { N: '1.5' } }],
  ['hash', { hash: { S: `${genesis.hash}0` } }],
  ['hash', { hash: { S: genesis.hash.toUpperCase() } }],
  ['parentHash', { parentHash: { NULL: true } }],
  ['leader', { leader: { N: '1' } }],
  ['term', { term: { N: '9007199254740993' } }],
  ['term', { term: { S: '3' } }],
  ['payload', { payload: { S: 'text' } }],
  ['l1Origin.hash', { l1Origin: { M: { number: { N: '1' } } } }],
  ['both payload and payloadRef', { payload: { B: new Uint8Array(1) }, payloadRef: { S: 'x' } }],
]

test.each(corrupt)('a head with a wrong %s is no head', (field, change) => {
  expect(() => readHead({ ...toItem(head), ...change })).toThrow(
    expect.objectContaining({
      name: 'CorruptRecordError',
      code: 'corrupt-record',
      message: expect.stringContaining(field),
    }),
  )
})

test.each(Object.keys(head))('a head without %s is no head', (field) => {
  const { [attributeOf(field)]: _, ...item } = toItem(head)
  expect(() => readHead(item)).toThrow(expect.objectContaining({ name: 'CorruptRecordError' }))
})

test('the error names the item', () => {
  expect(() => readHead({ chain: { S: '901' } })).toThrow('the Heads item "901" holds something Baton cannot read')
})

const lease = {
  chain: '901',
  leader: 'ada',
  term: 3,
  cause: { code: 'a-code-of-tomorrow', by: 'baton' },
  previousLeader: '',
  grantedAt: 1,
  renewedAt: 1,
  expiresAt: 1,
  mode: 'auto',
  modeBy: 'eve',
  modeAt: 1,
  armedAt: 0,
  tried: [],
  grants: [],
  cooldownUntil: 0,
  orders: 0,
  quarantine: {},
}

test('a reason code of a newer version leaves a lease readable', () => {
  expect(readLease(toItem(lease)).cause).toEqual({ code: 'operator', by: 'baton' })
})

test('the cause of a term keeps the switchover it carries out', () => {
  const cause = { code: 'switchover', by: 'ann', id: '01J', order: 8 }
  expect(readLease(toItem({ ...lease, cause })).cause).toEqual(cause)
})

test('a reason code of a newer version is shown as text', () => {
  const record = {
    chain: '901',
    id: 'x',
    at: 1,
    actor: { kind: 'baton', name: 'baton' },
    what: 'grant',
    term: 1,
    head: 7n,
    reasons: [{ code: 'a-code-of-tomorrow', node: 'ada', evidence: { ms: 7 } }],
  }
  const [reason] = readHistoryRecord(toItem(record)).reasons
  expect(reason && renderReason(reason)).toBe('ada: a-code-of-tomorrow {"ms":7}')
})

test.each(Object.keys(reasonTexts))('the reason %s survives', (code) => {
  expect(readLease(toItem({ ...lease, cause: { code, by: 'x' } })).cause.code).toBe(code)
})

test('a mode Baton does not know is an error, not a default', () => {
  expect(() => readLease(toItem({ ...lease, mode: 'automatic' }))).toThrow('mode')
})

test('a quarantine of the version before, and one of a later version, survive as they are', () => {
  const quarantine = {
    bob: { since: 1, why: 'crash recovery', by: 'baton' },
    cyd: { since: 1, why: 'x', by: 'ann', kind: 'of-tomorrow', owner: 'run-7', heardAt: 2, version: 'v2' },
  }
  expect(readLease(toItem({ ...lease, quarantine })).quarantine).toEqual(quarantine)
})

describe('records of version 0.1', () => {
  const old = { ...toItem({ ...head, leader: undefined }), holder: { S: 'ada' } }

  test('its heads and leases name the leader "holder", and the block a head was moved back from "left"', () => {
    const left = { M: { number: { N: '9' }, hash: { S: genesis.hash }, parentHash: { S: genesis.parentHash } } }
    expect(readHead({ ...old, left })).toEqual({
      ...head,
      revertedFrom: { number: 9n, hash: genesis.hash, parentHash: genesis.parentHash },
    })
    const { leader, previousLeader, ...rest } = lease
    expect(readLease(toItem({ ...rest, holder: leader, previousHolder: previousLeader }))).toMatchObject({
      leader,
      previousLeader,
    })
  })

  test('what is written and what a write asks of an item keeps those names: both versions run side by side', () => {
    const { ConditionExpression, ExpressionAttributeNames } = compileWrite<Head>({
      set: { leader: 'bob' },
      remove: ['revertedFrom'],
      when: equals('leader', 'ada'),
    })
    expect(ConditionExpression).toBe('#0 = :1')
    expect(ExpressionAttributeNames).toEqual({ '#0': 'holder', '#1': 'left' })
    expect(Object.keys(toItem(head))).not.toContain('leader')
  })

  test('a node may be called as a field is', () => {
    const quarantine = { leader: { since: 1, why: 'x', by: 'ann' } }
    expect(readLease(toItem({ ...lease, quarantine })).quarantine).toEqual(quarantine)
  })

  test.each([
    ['turns-fail', 'monitor-errors'],
    ['l1-unwatched', 'l1-rpc-down'],
  ])('the reason %s is %s now', (code, now) => {
    const cause = { code, by: 'baton' }
    expect(readLease(toItem({ ...lease, cause })).cause.code).toBe(now)
  })
})
