/** Asks a gate whether it answers at all: `GET /healthz` within `timeoutMs`. Behind an API, `url` includes the stage. */
export function gateProbe(url: string, timeoutMs = 500) {
  return async (): Promise<{ ok: true } | { ok: false; message: string }> => {
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/healthz`, { signal: AbortSignal.timeout(timeoutMs) })
      await response.body?.cancel()
      return response.ok ? { ok: true } : { ok: false, message: `HTTP ${response.status}` }
    } catch (error) {
      const { cause, message } = error as Error
      return { ok: false, message: cause instanceof Error ? cause.message : message }
    }
  }
}
