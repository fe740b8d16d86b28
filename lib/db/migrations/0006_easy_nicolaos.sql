ALTER TABLE "accounts" ALTER COLUMN "email_verified" SET DEFAULT false;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "proved_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "proved_by" text;