/** What the pages of money ask for. */
import { useQueryClient } from '@tanstack/react-query'
import { $api } from '@/api/client'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'

type Schemas = components['schemas']

export type Wallet = Schemas['Wallet']
export type Entry = Schemas['Entry']
export type Payment = Schemas['Payment']
export type PaymentSettings = Schemas['PaymentSettings']
export type Recharge = Schemas['Recharge']
export type Plan = Schemas['Plan']
export type Subscription = Schemas['Subscription']
export type Limit = Schemas['SpendLimit']
export type Stop = Schemas['OutboundStop']
export type Invoice = Schemas['Invoice']

/** How often what goes on is asked for, while the page is looked at. */
export const LIVE_MS = 4000

/** How payments are set up; `configured` false: nothing can be paid here. A card that was kept is told of later. */
export const usePaymentSettings = () =>
  $api.useQuery('get', '/api/v1/billing/payment-settings', {}, { refetchInterval: 3 * LIVE_MS })

/** Who may change how the workspace pays. */
export const useMayPay = () => useTenant().may('billing.write')

/** Asks for everything of money again wherever it is shown. */
export function useBillingChanged() {
  const queries = useQueryClient()
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey: [, path] }) => typeof path === 'string' && path.startsWith('/api/v1/billing'),
    })
}

/** Leaves for the payment provider's page. */
export const goTo = (url: string): void => window.location.assign(url)
