import { checkKey } from '../objects/key.ts'
import type { ObjectStore } from '../stores.ts'

/** Objects in memory. */
export function memoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>()
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      if (ifAbsent && objects.has(checkKey(key))) return
      objects.set(checkKey(key), new Uint8Array(bytes))
    },
    get: async (key) => objects.get(checkKey(key)),
    list: async (folder) => [...objects.keys()].filter((key) => key.startsWith(folder)).slice(0, 1_000),
  }
}
