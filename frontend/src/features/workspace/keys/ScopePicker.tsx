import { Checkbox, Fieldset, Input, SimpleGrid, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Loaded } from '@/components/states'
import { grouped, type PermissionGroup, toggled } from '../scopes'

interface ScopePickerProps {
  value: string[]
  onChange: (scopes: string[]) => void
  error?: ReactNode
}

/** All permissions in groups; those that the person does not have cannot be given. */
export function ScopePicker({ value, onChange, error }: ScopePickerProps) {
  const { t } = useTranslation('workspace')
  const query = $api.useQuery('get', '/api/v1/roles', {}, { staleTime: Infinity })
  return (
    <Input.Wrapper label={t('keyScopes')} error={error} labelElement="div">
      <Loaded query={query}>
        {({ permissions }) => (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mt={4}>
            {grouped(permissions).map((group) => (
              <Group key={group.name} group={group} value={value} onChange={onChange} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Input.Wrapper>
  )
}

const NAMED = ['agents', 'numbers', 'trunks', 'calls', 'team', 'keys', 'audit', 'billing', 'tenant'] as const
type Named = (typeof NAMED)[number]

function Group({ group, value, onChange }: ScopePickerProps & { group: PermissionGroup }) {
  const { t } = useTranslation('workspace')
  const { may } = useTenant()
  const own = group.permissions.map(({ name }) => name).filter(may)
  const chosen = own.filter((name) => value.includes(name))
  const title = NAMED.includes(group.name as Named) ? t(`groups.${group.name as Named}`) : t('groups.other')
  return (
    <Fieldset
      p="sm"
      legend={
        <Checkbox
          size="xs"
          label={title}
          aria-label={t('keyScopesAll', { group: title })}
          disabled={own.length === 0}
          checked={own.length > 0 && chosen.length === own.length}
          indeterminate={chosen.length > 0 && chosen.length < own.length}
          onChange={() => onChange(toggled(value, own))}
        />
      }
    >
      <Stack gap={8}>
        {group.permissions.map(({ name, description }) => (
          <Checkbox
            key={name}
            size="xs"
            label={<span className="tl-mono">{name}</span>}
            description={may(name) ? description : t('keyScopesNotYours')}
            disabled={!may(name)}
            checked={value.includes(name)}
            onChange={() => onChange(toggled(value, [name]))}
          />
        ))}
      </Stack>
    </Fieldset>
  )
}
