import type { Envelope, ExecutionPayload } from '../../chain/envelope.ts'

/** The fields in which two payloads differ, to report what is corrupt. */
export function differingFields(one: Envelope, other: Envelope): string[] {
  const payloads = [one.executionPayload, other.executionPayload] as const
  const fields = new Set(payloads.flatMap((payload) => Object.keys(payload ?? {}) as (keyof ExecutionPayload)[]))
  const differing: string[] = [...fields].filter((field) => text(payloads[0]?.[field]) !== text(payloads[1]?.[field]))
  if (one.parentBeaconBlockRoot !== other.parentBeaconBlockRoot) differing.push('parentBeaconBlockRoot')
  return differing
}

const text = (value: unknown) => JSON.stringify(value)
