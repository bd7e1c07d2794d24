import * as v from 'valibot'

// What is written alike in every configuration.

/** A text that is not empty. */
export const text = v.pipe(v.string(), v.minLength(1))

/** An http or https URL. */
export const url = v.pipe(
  v.string(),
  v.check((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'an http(s) URL'),
)

/** An AWS region, e.g. `eu-west-1`. */
export const region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/))

/** An account or contract on L1: 20 bytes, lower case. */
export const account = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{40}$/, 'an address of 20 bytes, 0x and 40 hex digits'),
  v.transform((value) => value.toLowerCase() as `0x${string}`),
)
