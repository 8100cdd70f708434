/** Tools that every agent can have, as switches. */
import { Badge, Button, Group, Switch, Text } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { BUILT_IN, type BuiltInType, MOST_TOOLS, type ToolType } from '../config/tools'
import type { ConfigForm } from '../config/types'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import classes from './tools.module.css'

interface BuiltInProps {
  icons: Record<ToolType, Icon>
  faulty: readonly number[]
  onAdd: (type: BuiltInType) => void
  onOpen: (at: number) => void
}

/** What a tool cannot do without and does not have yet. */
function wants(type: BuiltInType, { transfers, knowledge, voicemail }: ConfigForm): boolean {
  if (type === 'transfer') return transfers.length === 0
  if (type === 'search_knowledge') return knowledge.bases.length === 0
  return type === 'leave_voicemail' && !voicemail.message.trim()
}

export function BuiltIn({ icons, faulty, onAdd, onOpen }: BuiltInProps) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const form = useAgentForm()
  const { config } = form.values
  return (
    <Part title={t('builtIn')} lead={t('builtInHelp')}>
      <ul className={classes.builtIn}>
        {BUILT_IN.map((type) => {
          const at = config.tools.findIndex((tool) => tool.type === type)
          const Picture = icons[type]
          const name = t(`tool_${type}`)
          const wanting = at >= 0 && wants(type, config)
          return (
            <li key={type}>
              <Switch
                checked={at >= 0}
                disabled={!may('agents.write') || (at < 0 && config.tools.length >= MOST_TOOLS)}
                onChange={(event) =>
                  event.currentTarget.checked ? onAdd(type) : form.removeListItem('config.tools', at)
                }
                label={
                  <Group gap={6} component="span">
                    <Picture size={16} stroke={1.6} aria-hidden />
                    {name}
                  </Group>
                }
                description={t(`toolHelp_${type}`)}
              />
              {at >= 0 && (
                <Group gap="xs">
                  {faulty.includes(at) && (
                    <Badge color="red" size="sm">
                      {t('hasFaults')}
                    </Badge>
                  )}
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    aria-label={t('settingsOf', { name })}
                    onClick={() => onOpen(at)}
                  >
                    {t('settings')}
                  </Button>
                </Group>
              )}
              {wanting && (
                <Text size="xs" c="var(--mantine-color-error)" className={classes.wanting}>
                  {t(`toolWants_${type as 'transfer'}`)}
                </Text>
              )}
            </li>
          )
        })}
      </ul>
    </Part>
  )
}
