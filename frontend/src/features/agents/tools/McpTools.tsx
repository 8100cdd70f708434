/** What an MCP server offers, and which of it the model may use. */
import { Button, Checkbox, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { May } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { latency } from '@/components/format'
import type { McpForm } from '../config/tools'
import { useAgentForm } from '../editor/form'
import classes from './tools.module.css'
import { listTools } from './trying'

export function McpTools({ tool, place }: { tool: McpForm; place: string }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { id = '' } = useParams({ strict: false })
  const offered = useMutation({ mutationFn: () => listTools(id, tool, form.values.config.secrets) })
  const names = offered.data?.tools.map(({ name }) => name) ?? []
  const choose = (name: string, chosen: boolean) =>
    form.setFieldValue(place, chosen ? [...tool.only, name] : tool.only.filter((one) => one !== name))
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('mcpHelp')}
      </Text>
      <TagsInput
        label={t('only')}
        description={t('onlyHelp')}
        data={names}
        clearable
        {...form.getInputProps(place)}
      />
      <May permission="agents.write">
        <Group>
          <Button
            variant="light"
            loading={offered.isPending}
            leftSection={<IconRefresh size={16} />}
            onClick={() => offered.mutate()}
          >
            {t(offered.data ? 'listToolsAgain' : 'listTools')}
          </Button>
        </Group>
      </May>
      <FormProblem text={offered.error ? wordsOf(offered.error) : offered.data?.trouble || null} />
      {offered.data && !offered.data.trouble && (
        <div aria-live="polite">
          <Text size="sm">
            {t('listedTools', { count: names.length, time: latency(offered.data.took_ms) })}{' '}
            {tool.only.length === 0 && t('listedAll')}
          </Text>
          <ul className={classes.offered}>
            {offered.data.tools.map(({ name, description }) => (
              <li key={name}>
                <Checkbox
                  label={<span className="tl-mono">{name}</span>}
                  description={description}
                  checked={tool.only.includes(name)}
                  onChange={(event) => choose(name, event.currentTarget.checked)}
                />
              </li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  )
}

function wordsOf(error: unknown): string {
  const { errors, detail } = asProblem(error)
  return errors.map((fault) => `${fault.field}: ${fault.detail}`).join(' ') || detail
}
