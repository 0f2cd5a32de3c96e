{{- define "app.name" -}}
{{ .Values.name }}-{{ .Values.color }}
{{- end }}

{{/* Constant for ever: a Deployment's selector cannot change. opsctl reads the color from the same label. */}}
{{- define "app.selectorLabels" -}}
app.kubernetes.io/name: {{ .Values.name }}
app.kubernetes.io/component: agent
opsctl/color: {{ .Values.color }}
{{- end }}

{{- define "app.labels" -}}
{{ include "app.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ .Values.environment }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
