import * as v from 'valibot'
import { refuseUrl } from './url.ts'

// What is written alike in every configuration.

/** How the message of a URL that cannot be used begins. */
const URL_PROBLEM = 'no URL Baton can use'

/** A text that is not empty. */
export const text = v.pipe(v.string(), v.minLength(1))

/** An http or https URL; may hold a user name and a password, so no message quotes it. */
export const url = v.pipe(
  v.string(URL_PROBLEM),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? refuseUrl(dataset.value) : undefined
    if (problem !== undefined) addIssue({ message: `${URL_PROBLEM}: it ${problem}` })
  }),
)

/** What is wrong with a URL, without quoting it; `undefined` when the issue is none of a URL. */
export function urlProblemOf({ message }: v.BaseIssue<unknown>): string | undefined {
  if (!message.startsWith(URL_PROBLEM)) return undefined
  return message.slice(URL_PROBLEM.length + ': it '.length) || 'is not the text of a URL'
}

/** An AWS region, e.g. `eu-west-1`. */
export const region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/))

/** An account or contract on L1: 20 bytes, lower case. */
export const account = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{40}$/, 'an address of 20 bytes, 0x and 40 hex digits'),
  v.transform((value) => value.toLowerCase() as `0x${string}`),
)
