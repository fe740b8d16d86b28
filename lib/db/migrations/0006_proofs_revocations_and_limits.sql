CREATE TABLE "legacy_poll" (
	"id" integer PRIMARY KEY NOT NULL,
	"ran_at" timestamp with time zone NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "migration_rate" (
	"at" timestamp with time zone PRIMARY KEY NOT NULL,
	"asked" integer NOT NULL,
	"allowed" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "revocations" (
	"key" text PRIMARY KEY NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"expires_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "accounts" ALTER COLUMN "email_verified" SET DEFAULT false;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "proved_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "proved_by" text;--> statement-breakpoint
CREATE INDEX "rate_limits_expire" ON "rate_limits" USING btree ("expire");--> statement-breakpoint
CREATE INDEX "revocations_expire" ON "revocations" USING btree ("expires_at");