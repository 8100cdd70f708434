/** Who may do what to whom. The server has the last word; these rules keep the page from offering in vain. */
export const ROLES = ['owner', 'admin', 'developer', 'analyst', 'billing'] as const
export type Role = (typeof ROLES)[number]

const rung = (role: Role) => (role === 'owner' ? 2 : role === 'admin' ? 1 : 0)

/** Owners stand above admins, admins above the rest; the rest stand on one level. */
export const outranks = (role: Role, other: Role) => rung(role) > rung(other)

/** The roles that somebody with the role `own` may give. */
export const grantable = (own: Role): Role[] => ROLES.filter((role) => !outranks(role, own))

interface Somebody {
  user: { id: string }
  role: Role
}

export interface Rights {
  changeRole: boolean
  remove: boolean
  leave: boolean
  becomeOwner: boolean
}

/** What `me` may do to `member` in a workspace with so many owners. */
export function rightsOver(
  member: Somebody,
  me: { id: string; role: Role; writesTeam: boolean },
  owners: number,
): Rights {
  const self = member.user.id === me.id
  const lastOwner = member.role === 'owner' && owners <= 1
  const manages = me.writesTeam && !outranks(member.role, me.role)
  return {
    changeRole: manages && !lastOwner,
    remove: manages && !self && !lastOwner,
    leave: self && !lastOwner,
    becomeOwner: me.role === 'owner' && !self && member.role !== 'owner',
  }
}
