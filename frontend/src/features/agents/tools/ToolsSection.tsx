/** What the agent can do: tools of its own, those built in, and their secrets. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import {
  IconBook2,
  IconCalendarTime,
  IconDialpad,
  IconInfoCircle,
  IconKeyboard,
  IconMessage,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPlugConnected,
  IconPlus,
  IconRecordMail,
  IconWorldUpload,
  type Icon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import {
  emptyTool,
  isBuiltIn,
  MOST_TOOLS,
  OWN_TOOLS,
  type OwnType,
  type ToolForm,
  type ToolType,
} from '../config/tools'
import { Part } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { ItemDrawer } from '../editor/ItemDrawer'
import { ItemRow } from '../editor/ItemRow'
import { useOpenItem } from '../editor/useOpenItem'
import { BuiltIn } from './BuiltIn'
import { SecretsPart } from './SecretsPart'
import { ToolFields } from './ToolFields'

const PLACE = 'config.tools'

const ICONS: Record<ToolType, Icon> = {
  http: IconWorldUpload,
  mcp: IconPlugConnected,
  collect_digits: IconDialpad,
  transfer: IconPhoneOutgoing,
  search_knowledge: IconBook2,
  schedule_callback: IconCalendarTime,
  send_sms: IconMessage,
  send_digits: IconKeyboard,
  leave_voicemail: IconRecordMail,
  do_not_call: IconPhoneOff,
}

export function ToolsSection() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { tools, model, flow } = form.values.config
  const { opened, open, close, faulty } = useOpenItem(PLACE)
  const add = (type: ToolType) => form.insertListItem(PLACE, emptyTool(type))
  const tool = opened === null ? undefined : tools[opened]
  const own = tools.map((one, i) => [one, i] as const).filter(([one]) => !isBuiltIn(one))
  return (
    <Stack gap="xl">
      <Part title={t('ownTools')} lead={t('ownToolsHelp')}>
        {model.provider === 'script' && flow === null && (
          <Alert color="gray" icon={<IconInfoCircle size={18} />}>
            {t('toolsScript')}
          </Alert>
        )}
        {own.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noTools')}
          </Text>
        )}
        <div>
          {own.map(([one, i]) => (
            <ItemRow
              key={i}
              icon={ICONS[one.type]}
              name={one.name || t('unnamedTool')}
              mono={one.name !== ''}
              detail={<Line tool={one} />}
              faulty={faulty.includes(i)}
              edit={{ label: t('editTool'), onClick: () => open(i) }}
              remove={{
                label: t('removeTool', { name: one.name || i + 1 }),
                onClick: () => form.removeListItem(PLACE, i),
              }}
            />
          ))}
        </div>
        {tools.length < MOST_TOOLS && (
          <AddTool
            onAdd={(type) => {
              add(type)
              open(tools.length)
            }}
          />
        )}
      </Part>
      <BuiltIn icons={ICONS} faulty={faulty} onAdd={add} onOpen={open} />
      <SecretsPart />
      <ItemDrawer
        opened={tool !== undefined}
        onClose={close}
        title={tool ? t('toolTitle', { type: t(`tool_${tool.type}`), name: tool.name || '…' }) : ''}
      >
        {tool && opened !== null && <ToolFields tool={tool} place={`${PLACE}.${opened}`} />}
      </ItemDrawer>
    </Stack>
  )
}

function Line({ tool }: { tool: ToolForm }) {
  const { t } = useTranslation('agents')
  const what =
    tool.type === 'http'
      ? `${tool.method} ${tool.url}`
      : tool.type === 'mcp'
        ? tool.url
        : t(`tool_${tool.type}`)
  return tool.description ? `${what} – ${tool.description}` : what
}

function AddTool({ onAdd }: { onAdd: (type: OwnType) => void }) {
  const { t } = useTranslation('agents')
  return (
    <Group gap="xs" role="group" aria-label={t('addToolLabel')}>
      {OWN_TOOLS.map((type) => (
        <Button
          key={type}
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => onAdd(type)}
        >
          {t(`addTool_${type}`)}
        </Button>
      ))}
    </Group>
  )
}
