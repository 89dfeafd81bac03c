/* Opens the API's description; the answer of this very server is the only thing it reads. */
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reading',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  tryItOutEnabled: false,
})
