/** Every address of the dashboard. The only place that combines features. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  redirect,
} from '@tanstack/react-router'
import { currentTenant, setTenant } from '@/api/client'
import { asProblem } from '@/api/problem'
import { forgetTenant, queryClient } from '@/api/query'
import { meQuery } from '@/api/session'
import { withTexts } from './i18n'
import { Crashed, NotFound } from './shell/errors'
import { TenantFrame } from './shell/TenantFrame'
import { Root } from './shell/Root'

const LAST_TENANT = 'trunkline-tenant'

const root = createRootRoute({ component: Root })

const accounts = withTexts('accounts', () => import('@/features/accounts/pages'))
const agents = withTexts('agents', () => import('@/features/agents/pages'))
const billing = withTexts('billing', () => import('@/features/billing/pages'))
const calls = withTexts('calls', () => import('@/features/calls/pages'))
const campaigns = withTexts('campaigns', () => import('@/features/campaigns/pages'))
const home = withTexts('home', () => import('@/features/home/pages'))
const knowledge = withTexts('knowledge', () => import('@/features/knowledge/pages'))
const latency = withTexts('latency', () => import('@/features/latency/pages'))
const lines = withTexts('lines', () => import('@/features/lines/pages'))
const privacy = withTexts('privacy', () => import('@/features/privacy/pages'))
const share = withTexts('share', () => import('@/features/share/pages'))
const start = withTexts('start', () => import('@/features/start/pages'))
const webhooks = withTexts('webhooks', () => import('@/features/webhooks/pages'))
const workspace = withTexts('workspace', () => import('@/features/workspace/pages'))

const page = <M extends Record<string, unknown>>(
  path: string,
  load: () => Promise<M>,
  name: keyof M & string,
) => createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, name) })

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  component: TenantFrame,
  beforeLoad: async ({ params, location }) => {
    const me = await queryClient.ensureQueryData(meQuery()).catch((error: unknown) => {
      if (asProblem(error).status === 401) throw toLogin(location.href)
      throw error
    })
    const membership = me.memberships.find((m) => m.tenant.slug === params.tenant)
    if (!membership) throw notFound()
    if (currentTenant() !== membership.tenant.id) forgetTenant()
    setTenant(membership.tenant.id)
    localStorage.setItem(LAST_TENANT, params.tenant)
    return { membership }
  },
})

const inTenant = <M extends Record<string, unknown>>(
  path: string,
  load: () => Promise<M>,
  name: keyof M & string,
) => createRoute({ getParentRoute: () => tenant, path, component: lazyRouteComponent(load, name) })

function toLogin(next: string) {
  return redirect({ to: '/login', search: { next } })
}

/** A page for whoever is logged in, in no tenant. */
const personal = <M extends Record<string, unknown>>(
  path: string,
  load: () => Promise<M>,
  name: keyof M & string,
) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load, name),
    beforeLoad: async ({ location }) => {
      await queryClient.ensureQueryData(meQuery()).catch((error: unknown) => {
        if (asProblem(error).status === 401) throw toLogin(location.href)
        throw error
      })
    },
  })

/** Where somebody lands who names no page: the tenant they were in last, their first, or the making of one. */
const front = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery()).catch((error: unknown) => {
      if (asProblem(error).status === 401) throw redirect({ to: '/login' })
      throw error
    })
    const slug = localStorage.getItem(LAST_TENANT)
    const first = me.memberships.find((m) => m.tenant.slug === slug) ?? me.memberships[0]
    throw first ? redirect({ to: `/t/${first.tenant.slug}` }) : redirect({ to: '/new-tenant' })
  },
})

const tree = root.addChildren([
  front,
  page('/login', accounts, 'LoginPage'),
  page('/signup', accounts, 'SignupPage'),
  page('/verify-email/$key', accounts, 'VerifyEmailPage'),
  page('/password/forgot', accounts, 'ForgotPasswordPage'),
  page('/password/reset/$key', accounts, 'ResetPasswordPage'),
  page('/join/$token', accounts, 'JoinPage'),
  personal('/account', accounts, 'AccountPage'),
  personal('/new-tenant', accounts, 'NewTenantPage'),
  page('/sso-error', accounts, 'SsoErrorPage'),
  page('/share/$token', share, 'SharePage'),
  tenant.addChildren([
    inTenant('/', home, 'HomePage'),
    inTenant('/start', start, 'StartPage'),
    inTenant('/agents', agents, 'AgentsPage'),
    inTenant('/agents/$id', agents, 'AgentPage'),
    inTenant('/calls', calls, 'CallsPage'),
    inTenant('/calls/live', calls, 'LivePage'),
    inTenant('/calls/search', calls, 'SearchPage'),
    inTenant('/calls/$id', calls, 'CallPage'),
    inTenant('/campaigns', campaigns, 'CampaignsPage'),
    inTenant('/campaigns/new', campaigns, 'NewCampaignPage'),
    inTenant('/campaigns/$id', campaigns, 'CampaignPage'),
    inTenant('/campaigns/$id/setup', campaigns, 'SetupPage'),
    inTenant('/do-not-call', campaigns, 'DoNotCallPage'),
    inTenant('/knowledge', knowledge, 'KnowledgePage'),
    inTenant('/knowledge/$id', knowledge, 'BasePage'),
    inTenant('/knowledge/$id/documents/$document', knowledge, 'DocumentPage'),
    inTenant('/latency', latency, 'LatencyPage'),
    inTenant('/numbers/health', campaigns, 'HealthPage'),
    inTenant('/numbers', lines, 'NumbersPage'),
    inTenant('/numbers/buy', lines, 'BuyPage'),
    inTenant('/trunks', lines, 'TrunksPage'),
    inTenant('/trunks/$id', lines, 'TrunkPage'),
    inTenant('/team', workspace, 'TeamPage'),
    inTenant('/keys', workspace, 'KeysPage'),
    inTenant('/vendors', workspace, 'VendorsPage'),
    inTenant('/billing', billing, 'BillingPage'),
    inTenant('/webhooks', webhooks, 'WebhooksPage'),
    inTenant('/webhooks/$id', webhooks, 'EndpointPage'),
    inTenant('/privacy', privacy, 'PrivacyPage'),
    inTenant('/audit', workspace, 'AuditPage'),
    inTenant('/settings', workspace, 'SettingsPage'),
    inTenant('/api', workspace, 'ReferencePage'),
  ]),
])

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
})
