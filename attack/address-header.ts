/** The header in which Cloudflare names the client's address. Local workerd takes over what the client says. */
export const ADDRESS_HEADER = 'CF-Connecting-IP';
