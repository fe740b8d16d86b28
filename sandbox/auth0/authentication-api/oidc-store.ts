import type { Adapter, AdapterPayload } from 'oidc-provider'

export type OidcStore = ReturnType<typeof createOidcStore>

/**
 * The sessions, codes, grants and tokens of oidc-provider. Its own memory adapter cannot be emptied and
 * cannot forget one user. oidc-provider checks the expiry on every read, so the store does not.
 */
export function createOidcStore(settings: { rotationOverlapSeconds: number }) {
  const entries = new Map<string, AdapterPayload>()

  const removeWhere = (matches: (payload: AdapterPayload, model: string) => boolean) => {
    for (const [key, payload] of entries) {
      if (matches(payload, key.slice(0, key.indexOf(':')))) entries.delete(key)
    }
  }

  const adapter = (model: string): Adapter => {
    const key = (id: string) => `${model}:${id}`
    const findWhere = (field: 'uid' | 'userCode', value: string) => {
      for (const [name, payload] of entries) {
        if (name.startsWith(`${model}:`) && payload[field] === value) return payload
      }
    }
    return {
      async upsert(id, payload) {
        entries.set(key(id), payload)
      },
      async find(id) {
        const payload = entries.get(key(id))
        if (!payload?.consumed || model !== 'RefreshToken') return payload
        // Within the rotation overlap period, a used refresh token counts as unused.
        const secondsSinceUse = Date.now() / 1000 - Number(payload.consumed)
        const isOverlap = secondsSinceUse < settings.rotationOverlapSeconds
        return isOverlap ? { ...payload, consumed: undefined } : payload
      },
      async findByUid(uid) {
        return findWhere('uid', uid)
      },
      async findByUserCode(userCode) {
        return findWhere('userCode', userCode)
      },
      async consume(id) {
        const payload = entries.get(key(id))
        // The first use counts. A second use must not prolong the overlap period.
        if (payload) payload.consumed ??= Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(key(id))
      },
      async revokeByGrantId(grantId) {
        removeWhere((payload, of) => of === model && payload.grantId === grantId)
      },
    }
  }

  return {
    adapter,
    clear: () => entries.clear(),
    /** Ends the browser sessions of a user. Refresh tokens still work. */
    endSessions(userId: string) {
      removeWhere((payload, model) => model === 'Session' && payload.accountId === userId)
    },
    /** Ends the sessions, codes, grants and tokens of a user. */
    endEverything(userId: string) {
      removeWhere((payload) => payload.accountId === userId)
    },
  }
}
