import * as v from 'valibot'

/** Fields as operators' tools send them: an SSM document sends only text, and empty text for an absent value. */

/** A chain id, as text or as a number. */
export const chainId = v.pipe(
  v.union([v.string(), v.number()], 'must be a chain id'),
  v.transform(String),
  v.regex(/^[1-9]\d{0,15}$/, 'must be a chain id'),
)

/** Optional text; empty counts as absent. */
export const text = v.optional(
  v.pipe(
    v.string('must be text'),
    v.trim(),
    v.maxLength(200, 'must be at most 200 characters'),
    v.transform((given) => (given === '' ? undefined : given)),
  ),
)

/** The name of a node, mandatory. */
export const requiredNode = v.pipe(
  v.string('must be the name of a node'),
  v.regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'must be the name of a node'),
)

/** The name of a node, optional; empty counts as absent. */
export const nodeName = v.pipe(
  text,
  v.check((name) => name === undefined || /^[A-Za-z0-9][\w-]{0,62}$/.test(name), 'must be the name of a node'),
)

/** An optional count or time; empty counts as absent. */
export const natural = v.pipe(
  v.optional(v.union([v.number(), v.string()], 'must be a number')),
  v.transform((given) => (given === undefined || given === '' ? undefined : Number(given))),
  v.check((given) => given === undefined || (Number.isSafeInteger(given) && given >= 0), 'must be a whole number'),
)

/** An optional duration of at most a day, in seconds; empty counts as absent. */
export const secondsOrNone = v.pipe(
  v.optional(v.union([v.number(), v.string()], 'must be seconds from 0 to 86400')),
  v.transform((given) => (given === undefined || given === '' ? undefined : Number(given))),
  v.check((given) => given === undefined || (given >= 0 && given <= 86_400), 'must be seconds from 0 to 86400'),
)

/** An optional block number; empty counts as absent. */
export const blockNumber = v.pipe(
  natural,
  v.transform((given) => (given === undefined ? undefined : BigInt(given))),
)

/** An optional boolean; as text `true` or `false`, and empty counts as absent. */
export const choice = v.pipe(
  v.optional(v.union([v.boolean(), v.picklist(['true', 'false', ''])], 'must be true or false'), false),
  v.transform((given) => given === true || given === 'true'),
)

/** What CloudWatch adds to the parameters of a custom widget. */
export const widgetContext = v.object({
  accountId: v.optional(v.string()),
  theme: v.optional(v.string()),
  forms: v.optional(v.object({ all: v.optional(v.record(v.string(), v.unknown())) })),
})
