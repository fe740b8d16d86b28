import type { Adapter, AdapterPayload } from 'oidc-provider'

export type OidcStore = ReturnType<typeof createOidcStore>

/**
 * Where oidc-provider keeps sessions, codes, grants and tokens. Its own memory
 * adapter can neither be emptied nor forget one user. Expiry is not looked at
 * here: the models check it on every read.
 */
export function createOidcStore(rotationOverlapSeconds: () => number) {
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
        // Auth0's "Rotation Overlap Period": for that long a used token works again.
        const used = Date.now() / 1000 - Number(payload.consumed)
        if (used >= rotationOverlapSeconds()) return payload
        return { ...payload, consumed: undefined }
      },
      async findByUid(uid) {
        return findWhere('uid', uid)
      },
      async findByUserCode(userCode) {
        return findWhere('userCode', userCode)
      },
      async consume(id) {
        const payload = entries.get(key(id))
        // The first use counts; a repeat must not prolong the overlap.
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
    /** Ends the browser sessions of a user; refresh tokens stay. */
    endSessions(userId: string) {
      removeWhere((payload, model) => model === 'Session' && payload.accountId === userId)
    },
    /** Ends everything of a user: sessions, codes, grants and tokens. */
    endEverything(userId: string) {
      removeWhere((payload) => payload.accountId === userId)
    },
  }
}
