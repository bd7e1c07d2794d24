import * as v from 'valibot'

/** Fields as operators' tools send them: an SSM document sends text only, and an empty one for what is not given. */

/** A chain's id; a number is one too. */
export const chainId = v.pipe(
  v.union([v.string(), v.number()], 'must be a chain id'),
  v.transform(String),
  v.regex(/^[1-9]\d{0,15}$/, 'must be a chain id'),
)

/** Text that may be missing or empty. */
export const text = v.optional(
  v.pipe(
    v.string('must be text'),
    v.trim(),
    v.maxLength(200, 'must be at most 200 characters'),
    v.transform((given) => (given === '' ? undefined : given)),
  ),
)

/** A node's name. */
export const requiredNode = v.pipe(
  v.string('must be the name of a node'),
  v.regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'must be the name of a node'),
)

/** A node's name that may be missing or empty. */
export const nodeName = v.pipe(
  text,
  v.check((name) => name === undefined || /^[A-Za-z0-9][\w-]{0,62}$/.test(name), 'must be the name of a node'),
)

/** A count or a time that may be missing or empty. */
export const natural = v.pipe(
  v.optional(v.union([v.number(), v.string()], 'must be a number')),
  v.transform((given) => (given === undefined || given === '' ? undefined : Number(given))),
  v.check((given) => given === undefined || (Number.isSafeInteger(given) && given >= 0), 'must be a whole number'),
)

/** A time of at most a day that may be missing or empty. */
export const secondsOrNone = v.pipe(
  v.optional(v.union([v.number(), v.string()], 'must be seconds from 0 to 86400')),
  v.transform((given) => (given === undefined || given === '' ? undefined : Number(given))),
  v.check((given) => given === undefined || (given >= 0 && given <= 86_400), 'must be seconds from 0 to 86400'),
)

/** A block number that may be missing or empty. */
export const blockNumber = v.pipe(
  natural,
  v.transform((given) => (given === undefined ? undefined : BigInt(given))),
)

/** A choice that may be missing or empty; as text it is `true` or `false`. */
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
