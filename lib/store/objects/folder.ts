import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { StoreUnavailableError } from '../errors.ts'
import { checkKey, type ObjectStore } from '../stores.ts'

/**
 * Objects as files of a folder. A put is on disk when it returns, and readers see all of it or nothing: it syncs a
 * temporary file, renames it (or links it, if nothing may be replaced), then syncs the directory.
 *
 * @throws InvalidKeyError for keys that would leave the folder.
 * @throws StoreUnavailableError when the file system refuses.
 */
export function folderObjects(folder: string): ObjectStore {
  const root = resolve(folder)
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      const path = join(root, checkKey(key))
      const temporary = join(dirname(path), `.${randomUUID()}`)
      try {
        await mkdir(dirname(path), { recursive: true })
        await writeSynced(temporary, bytes)
        await (ifAbsent ? linkNew(temporary, path) : rename(temporary, path))
        await syncDirectory(dirname(path))
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {})
        throw new StoreUnavailableError('put', path, error, `Check that ${root} exists, is writable and has room.`)
      }
    },

    async get(key) {
      const path = join(root, checkKey(key))
      try {
        const { buffer, byteOffset, byteLength } = await readFile(path)
        return new Uint8Array(buffer, byteOffset, byteLength)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new StoreUnavailableError('get', path, error, `Check that ${root} is readable.`)
      }
    },

    async list(folder) {
      const path = join(root, checkKey(folder.replace(/\/$/, '')))
      try {
        const entries = await readdir(path, { recursive: true, withFileTypes: true })
        const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        return files.slice(0, 1_000).map((file) => relative(root, join(file.parentPath, file.name)))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw new StoreUnavailableError('list', path, error, `Check that ${root} is readable.`)
      }
    },
  }
}

/** Links a file to its final name unless that exists. */
async function linkNew(temporary: string, path: string) {
  try {
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  await rm(temporary, { force: true })
}

async function writeSynced(path: string, bytes: Uint8Array) {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string) {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
