/** What more than half of them say; `undefined` = no value has a majority. */
export function majority<T>(values: readonly T[]): T | undefined {
  return values.find((value) => values.filter((each) => each === value).length * 2 > values.length)
}
