/** What the server offers for logging in. */
import { queryOptions } from '@tanstack/react-query'
import { accounts } from '@/api/accounts'

interface Config {
  account: { is_open_for_signup: boolean }
  socialaccount?: { providers: { id: string; name: string; flows: string[] }[] }
}

// The identity providers of single workspaces are listed too; those are reached by the workspace's name.
const OFFERED = ['google', 'github']

export const configQuery = queryOptions({
  queryKey: ['accounts', 'config'],
  staleTime: Infinity,
  queryFn: async () => {
    const { data } = await accounts<Config>('GET', 'config')
    return {
      open: data.account.is_open_for_signup,
      providers: (data.socialaccount?.providers ?? []).filter(({ id }) => OFFERED.includes(id)),
    }
  },
})

/** Whether mails are printed in the terminal of the machine, as on one that has no mail server. */
export function mailInTerminal(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="mail"]')?.content === 'terminal'
}
