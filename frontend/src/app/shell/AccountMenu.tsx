/** The person and their workspaces. */
import {
  Avatar,
  Group,
  Menu,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { IconBuilding, IconCheck, IconLogout, IconPlus, IconSelector, IconUser } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { logOut } from '@/api/accounts'
import { queryClient } from '@/api/query'
import { useMe, useTenant } from '@/api/session'
import { failed } from '@/components/forms'

export function AccountMenu() {
  const { t } = useTranslation('shell')
  const { data: me } = useMe()
  const { tenant } = useTenant()
  const navigate = useNavigate()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  if (!me) return null
  const name = me.user.full_name || me.user.email

  const leave = () =>
    logOut().then(() => {
      queryClient.clear()
      return navigate({ to: '/login' })
    }, failed)

  return (
    <Menu width={240} position="top-start" withinPortal>
      <Menu.Target>
        <UnstyledButton w="100%">
          <Group gap="xs" wrap="nowrap">
            <Avatar name={name} size={30} radius="sm" color="petrol" />
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text size="sm" fw={500} truncate>
                {tenant.name}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {name}
              </Text>
            </div>
            <IconSelector size={15} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('switchTenant')}</Menu.Label>
        {me.memberships.map(({ tenant: other }) => (
          <Menu.Item
            key={other.id}
            component={Link}
            to={`/t/${other.slug}`}
            leftSection={<IconBuilding size={15} />}
            rightSection={other.id === tenant.id ? <IconCheck size={15} /> : null}
          >
            {other.name}
          </Menu.Item>
        ))}
        <Menu.Item component={Link} to="/new-tenant" leftSection={<IconPlus size={15} />}>
          {t('newTenant')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('colors')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
          data={[
            { value: 'light', label: t('light') },
            { value: 'dark', label: t('dark') },
            { value: 'auto', label: t('system') },
          ]}
        />
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={15} />}>
          {t('account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave()}>
          {t('logOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
