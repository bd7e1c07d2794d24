/** Runs tasks one after the other, in order of arrival. */
export class Lock {
  #tail: Promise<unknown> = Promise.resolve()

  hold<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => {})
    return result
  }
}
