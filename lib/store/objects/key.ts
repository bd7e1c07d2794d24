import { InvalidKeyError } from '../errors.ts'

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/

/**
 * Returns the key if it is one: segments joined by `/` that stay inside any folder.
 *
 * @throws InvalidKeyError
 */
export function checkKey(key: string): string {
  if (!key.split('/').every((segment) => SEGMENT.test(segment))) throw new InvalidKeyError(key)
  return key
}
