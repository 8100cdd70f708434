/** Where somebody wanted to go before they had to log in. */
const KEY = 'trunkline-next'
const KEPT_MS = 24 * 3600 * 1000
// Pages that would lead back to the login.
const ENTRANCES = ['/login', '/signup', '/verify-email', '/password']

/** `wish` when it is a path of our own origin and no page of the entrance, otherwise "/". */
export function safeNext(wish: unknown, origin = window.location.origin): string {
  if (typeof wish !== 'string' || !wish.startsWith('/')) return '/'
  let url: URL
  try {
    url = new URL(wish, origin)
  } catch {
    return '/'
  }
  // "//elsewhere" and "/\elsewhere" are addresses of other servers.
  if (url.origin !== origin) return '/'
  if (ENTRANCES.some((page) => url.pathname === page || url.pathname.startsWith(`${page}/`))) return '/'
  return url.pathname + url.search + url.hash
}

/** Kept for the tab that the link in the e-mail opens. */
export function rememberNext(path: string): void {
  if (path !== '/') localStorage.setItem(KEY, JSON.stringify({ path, at: Date.now() }))
}

/** What was remembered, once, and not after a day. */
export function recallNext(): string {
  const kept = localStorage.getItem(KEY)
  localStorage.removeItem(KEY)
  try {
    const { path, at } = JSON.parse(kept ?? '') as { path: unknown; at: number }
    return Date.now() - at < KEPT_MS ? safeNext(path) : '/'
  } catch {
    return '/'
  }
}

/** Loads the page anew: nothing of before the login is left in memory, and pages of the server open too. */
export function goTo(path: string): void {
  window.location.assign(safeNext(path))
}

/** The properties of a link to a page of the entrance that keeps where to go and who is expected. */
export function entrance(to: '/login' | '/signup', { next = '/', email }: { next?: string; email?: string }) {
  // The features do not know the routes' types: `never` stands for "whatever that route searches".
  return { to, search: { next: next === '/' ? undefined : next, email } as never }
}
