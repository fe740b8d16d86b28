CREATE TABLE "backfill_reconciliations" (
	"id" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"source_users" integer NOT NULL,
	"stytch_users" integer NOT NULL,
	"not_compared" integer NOT NULL,
	"left_out" integer NOT NULL,
	"counts" jsonb NOT NULL,
	"fix" text,
	"mended" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "legacy_exchange_tokens" (
	"key" text PRIMARY KEY NOT NULL,
	"session_key" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "legacy_sessions" (
	"key" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "legacy_users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"password_hash" text,
	"blocked" text DEFAULT 'no' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "legacy_users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
ALTER TABLE "backfill_sides" ADD COLUMN "has_password" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "backfill_sides" ADD COLUMN "is_importable" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "backfill_runs" ADD COLUMN "kind" text DEFAULT 'users' NOT NULL;--> statement-breakpoint
ALTER TABLE "backfill_runs" ADD COLUMN "started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "backfill_runs" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "backfill_reconciliations" ADD CONSTRAINT "backfill_reconciliations_run_id_backfill_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."backfill_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legacy_exchange_tokens" ADD CONSTRAINT "legacy_exchange_tokens_session_key_legacy_sessions_key_fk" FOREIGN KEY ("session_key") REFERENCES "public"."legacy_sessions"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legacy_sessions" ADD CONSTRAINT "legacy_sessions_user_id_legacy_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."legacy_users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backfill_reconciliations_at" ON "backfill_reconciliations" USING btree ("at");--> statement-breakpoint
CREATE INDEX "legacy_exchange_tokens_session" ON "legacy_exchange_tokens" USING btree ("session_key");--> statement-breakpoint
CREATE INDEX "legacy_exchange_tokens_expires" ON "legacy_exchange_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "legacy_sessions_user" ON "legacy_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "legacy_sessions_expires" ON "legacy_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "legacy_users_blocked" ON "legacy_users" USING btree ("blocked","updated_at");