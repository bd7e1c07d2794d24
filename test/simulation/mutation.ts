/** One deliberate fault in the product: a piece of one source file of lib, and what stands there instead. */
export type Mutation = {
  readonly name: string
  /** Below lib/. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** Why no history can distinguish it from the original: then it must survive, and is a second line of defence. */
  readonly equivalent?: string
}
