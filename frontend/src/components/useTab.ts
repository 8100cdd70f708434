import { useNavigate, useSearch } from '@tanstack/react-router'

/** The open tab, in the address: it can be linked to. The first of `tabs` is the one without. */
export function useTab<T extends string>(tabs: readonly [T, ...T[]]) {
  const asked = (useSearch({ strict: false }) as { tab?: unknown }).tab
  const navigate = useNavigate()
  const tab = tabs.find((one) => one === asked) ?? tabs[0]
  const set = (next: string | null) =>
    void navigate({ to: '.', search: { tab: next } as never, replace: true, resetScroll: false })
  return [tab, set] as const
}
