import { randomBytes } from 'node:crypto'
import { auth0Roles, auth0Tenant, organizations as seeds } from '../settings.ts'
import type { Clock } from '../stand-in/clock.ts'
import type { UserStore } from './users.ts'

/** How members of an organization may log in with a connection. */
export type EnabledConnection = {
  connection_id: string
  /** A user who logs in becomes a member. */
  assign_membership_on_login: boolean
  is_signup_enabled: boolean
  show_as_button: boolean
}

export type Role = { id: string; name: string; description: string }

export type Organization = {
  id: string
  name: string
  display_name: string
  branding?: Record<string, unknown>
  metadata: Record<string, string | null>
  connections: EnabledConnection[]
  /** The ids of each member's roles, by user id. */
  members: Map<string, Set<string>>
}

export type Invitation = {
  id: string
  organization_id: string
  inviter: { name: string }
  invitee: { email: string }
  invitation_url: string
  created_at: string
  expires_at: string
  client_id: string
  roles: string[]
  ticket_id: string
}

export type OrganizationStore = ReturnType<typeof createOrganizationStore>

/** Auth0's form of an id: a prefix and 16 characters. */
export const newId = (prefix: 'con' | 'org' | 'rol' | 'uinv') =>
  `${prefix}_${randomBytes(12).toString('base64url').replace(/[-_]/g, '0')}`

/** The organizations, roles and invitations, in memory. */
export function createOrganizationStore(clock: Clock, users: UserStore) {
  const organizations = new Map<string, Organization>()
  const roles = new Map<string, Role>()
  const invitations = new Map<string, Invitation>()

  const store = {
    organizations,
    roles,
    invitations,

    /** Replaces everything with the demo organizations. The demo users must exist. */
    seed() {
      for (const map of [organizations, roles, invitations]) map.clear()
      for (const [name, id] of Object.entries(auth0Roles)) {
        roles.set(id, { id, name, description: `Role ${name}` })
      }
      for (const [name, { name: display_name, auth0Id: id, members }] of Object.entries(seeds)) {
        const organization = store.add({ id, name, display_name })
        for (const [email, names] of Object.entries(members)) {
          const user = users.byEmail(email)
          if (!user) throw new Error(`The seed has no user ${email}.`)
          organization.members.set(user.user_id, new Set(names.map((each) => auth0Roles[each])))
        }
      }
    },

    add(input: Pick<Organization, 'name'> & Partial<Organization>): Organization {
      const organization: Organization = {
        id: newId('org'),
        display_name: input.name,
        metadata: {},
        connections: [databaseConnection()],
        members: new Map(),
        ...input,
      }
      organizations.set(organization.id, organization)
      return organization
    },

    byName: (name: string): Organization | undefined =>
      [...organizations.values()].find((each) => each.name === name),

    /** By id or by name. */
    find: (idOrName: unknown): Organization | undefined =>
      typeof idOrName === 'string'
        ? (organizations.get(idOrName) ?? store.byName(idOrName))
        : undefined,

    of: (userId: string): Organization[] =>
      [...organizations.values()].filter(({ members }) => members.has(userId)),

    isMember: (id: string, userId: string): boolean =>
      organizations.get(id)?.members.has(userId) ?? false,

    remove(id: string) {
      organizations.delete(id)
      for (const each of invitations.values()) {
        if (each.organization_id === id) invitations.delete(each.id)
      }
    },

    /** Ends all memberships of a user. */
    forget(userId: string) {
      for (const { members } of organizations.values()) members.delete(userId)
    },

    /** An invitation that was not used and has not expired. */
    openInvitation(ticket: unknown, organizationId: string): Invitation | undefined {
      const found = [...invitations.values()].find(({ ticket_id }) => ticket_id === ticket)
      const isOpen =
        found?.organization_id === organizationId && Date.parse(found.expires_at) > clock.now()
      return isOpen ? found : undefined
    },
  }
  return store
}

/** The database connection, as it is enabled by default in the demo organizations. */
export const databaseConnection = (): EnabledConnection => ({
  connection_id: auth0Tenant.connectionId,
  assign_membership_on_login: false,
  is_signup_enabled: false,
  show_as_button: true,
})
