/** The frame around a tenant's pages: where one is, where one can go, who one is. */
import {
  ActionIcon,
  Alert,
  AppShell,
  Box,
  Burger,
  Button,
  Group,
  NavLink,
  ScrollArea,
  Text,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconActivity,
  IconAlertTriangle,
  IconApi,
  IconBook2,
  IconHash,
  IconHeartbeat,
  IconHistory,
  IconHome,
  IconKey,
  IconMessageSearch,
  IconPhone,
  IconPhoneOff,
  IconPlugConnected,
  IconRobot,
  IconRoute,
  IconSearch,
  IconSettings,
  IconShieldLock,
  IconSpeakerphone,
  IconStopwatch,
  IconUsers,
  IconWallet,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { csrfToken } from '@/api/client'
import { useMe, useTenant } from '@/api/session'
import { AccountMenu } from './AccountMenu'
import { BalanceChip } from './BalanceChip'
import { Palette, openPalette } from './Palette'
import { Mark } from '@/components/Mark'
import { Page } from '@/components/Page'
import classes from './Shell.module.css'

export interface Place {
  page: string
  label:
    | 'home'
    | 'agents'
    | 'knowledge'
    | 'calls'
    | 'live'
    | 'transcripts'
    | 'campaigns'
    | 'doNotCall'
    | 'latency'
    | 'numbers'
    | 'numberHealth'
    | 'trunks'
    | 'team'
    | 'billing'
    | 'keys'
    | 'vendors'
    | 'webhooks'
    | 'privacy'
    | 'audit'
    | 'settings'
    | 'reference'
  icon: Icon
  permission?: string
}

export const places: { group: 'groupWork' | 'groupLines' | 'groupWorkspace'; items: Place[] }[] = [
  {
    group: 'groupWork',
    items: [
      { page: '', label: 'home', icon: IconHome, permission: 'calls.read' },
      { page: 'agents', label: 'agents', icon: IconRobot, permission: 'agents.read' },
      { page: 'knowledge', label: 'knowledge', icon: IconBook2, permission: 'agents.read' },
      { page: 'calls', label: 'calls', icon: IconPhone, permission: 'calls.read' },
      { page: 'calls/live', label: 'live', icon: IconActivity, permission: 'calls.read' },
      { page: 'calls/search', label: 'transcripts', icon: IconMessageSearch, permission: 'calls.read' },
      { page: 'campaigns', label: 'campaigns', icon: IconSpeakerphone, permission: 'campaigns.read' },
      { page: 'do-not-call', label: 'doNotCall', icon: IconPhoneOff, permission: 'campaigns.read' },
      { page: 'latency', label: 'latency', icon: IconStopwatch, permission: 'calls.read' },
    ],
  },
  {
    group: 'groupLines',
    items: [
      { page: 'numbers', label: 'numbers', icon: IconHash, permission: 'numbers.read' },
      { page: 'numbers/health', label: 'numberHealth', icon: IconHeartbeat, permission: 'campaigns.read' },
      { page: 'trunks', label: 'trunks', icon: IconRoute, permission: 'trunks.read' },
    ],
  },
  {
    group: 'groupWorkspace',
    items: [
      { page: 'team', label: 'team', icon: IconUsers, permission: 'team.read' },
      { page: 'billing', label: 'billing', icon: IconWallet, permission: 'billing.read' },
      { page: 'keys', label: 'keys', icon: IconKey, permission: 'keys.read' },
      { page: 'vendors', label: 'vendors', icon: IconPlugConnected, permission: 'keys.read' },
      { page: 'webhooks', label: 'webhooks', icon: IconWebhook, permission: 'webhooks.read' },
      { page: 'privacy', label: 'privacy', icon: IconShieldLock, permission: 'privacy.read' },
      { page: 'audit', label: 'audit', icon: IconHistory, permission: 'audit.read' },
      { page: 'settings', label: 'settings', icon: IconSettings },
      { page: 'api', label: 'reference', icon: IconApi },
    ],
  },
]

export function Shell() {
  const { t } = useTranslation('shell')
  const [opened, { toggle, close }] = useDisclosure()
  const here = useRouterState({ select: (state) => state.location.pathname })
  useEffect(close, [here, close])
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" justify="space-between">
          <Burger opened={opened} onClick={toggle} size="sm" aria-label={t('menu')} />
          <Mark />
          <Group gap="xs" wrap="nowrap">
            <BalanceChip />
            <ActionIcon variant="subtle" color="gray" onClick={openPalette} aria-label={t('search')}>
              <IconSearch size={18} />
            </ActionIcon>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Sidebar here={here} />
      </AppShell.Navbar>
      {/* The page in it is the `main` of the document. */}
      <AppShell.Main {...{ component: 'div' }}>
        <Box maw={1320} mx="auto">
          <Notices />
          <Here here={here} />
        </Box>
      </AppShell.Main>
      <Palette />
    </AppShell>
  )
}

/** The page, unless the role may not see it: an address can be typed where no link leads. */
function Here({ here }: { here: string }) {
  const { t } = useTranslation('common')
  const { may } = useTenant()
  const permission = usePlace(here)?.permission
  if (!permission || may(permission)) return <Outlet />
  return (
    <Page title={t('notAllowedTitle')}>
      <Text>{t('notAllowedText', { permission })}</Text>
    </Page>
  )
}

/** Where one is: of the addresses that fit, the longest. /calls/live is not /calls. */
function usePlace(here: string): Place | undefined {
  const { path } = useTenant()
  return places
    .flatMap(({ items }) => items)
    .filter(({ page }) => here === path(page) || (page && here.startsWith(`${path(page)}/`)))
    .sort((a, b) => b.page.length - a.page.length)[0]
}

function Sidebar({ here }: { here: string }) {
  const { t } = useTranslation('shell')
  const { path, may } = useTenant()
  const current = usePlace(here)
  return (
    <>
      <Group p="md" justify="space-between" wrap="nowrap" visibleFrom="sm">
        <Mark />
        <BalanceChip />
      </Group>
      <Box px="sm" pb="xs" visibleFrom="sm">
        <Button
          fullWidth
          size="xs"
          variant="default"
          justify="flex-start"
          leftSection={<IconSearch size={14} />}
          onClick={openPalette}
        >
          {t('search')}
        </Button>
      </Box>
      <ScrollArea flex={1} type="never" px="sm">
        <nav aria-label={t('menu')}>
          {places.map(({ group, items }) => {
            const shown = items.filter(({ permission }) => !permission || may(permission))
            return shown.length === 0 ? null : (
              <Box key={group} mb="md">
                <Text className={classes.group}>{t(group)}</Text>
                {shown.map(({ page, label, icon: Picture }) => (
                  <NavLink
                    key={page}
                    component={Link}
                    to={path(page)}
                    label={t(label)}
                    leftSection={<Picture size={17} stroke={1.6} aria-hidden />}
                    // Only ours counts: the router takes every page for a part of the first.
                    activeOptions={{ exact: true }}
                    active={page === current?.page}
                    aria-current={page === current?.page ? 'page' : undefined}
                    className={classes.link}
                  />
                ))}
              </Box>
            )
          })}
        </nav>
      </ScrollArea>
      <Box p="sm" className={classes.foot}>
        <AccountMenu />
      </Box>
    </>
  )
}

/** What concerns every page: somebody acts for the person, or the tenant is suspended. */
function Notices() {
  const { t } = useTranslation('shell')
  const { data: me } = useMe()
  const { tenant } = useTenant()
  return (
    <>
      {me?.impersonator && (
        <Alert color="amber" mb="md" icon={<IconAlertTriangle size={18} />}>
          <Group justify="space-between">
            <Text size="sm">
              {t('impersonated', { staff: me.impersonator.email, person: me.user.email })}
            </Text>
            <form method="post" action="/hijack/release/">
              <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
              <Button type="submit" size="xs" variant="default">
                {t('stopImpersonating')}
              </Button>
            </form>
          </Group>
        </Alert>
      )}
      {tenant.suspended && (
        <Alert color="red" mb="md" icon={<IconAlertTriangle size={18} />}>
          {t('suspended')}
        </Alert>
      )}
    </>
  )
}
